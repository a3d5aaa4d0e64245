/** Finds where the plans of two modes for the same Services differ. */
import type { Distribution, Packet, TraceHost } from '../model/packet.ts';
import type { Plan } from '../model/plan.ts';
import { formatDistribution } from '../trace/distribution.ts';
import { tracePlan } from '../trace/plan/trace.ts';
import { explore } from './explore.ts';
import { wholeSpace } from './region.ts';

/** One way in which plans differ, with a packet that shows it. */
export interface PlanDifference {
  readonly packet: Packet;
  readonly fates: readonly [Distribution, Distribution];
  readonly classes: number;
}

/** Every difference between two plans of one family; empty if they treat all packets alike. */
export function comparePlans(plans: readonly [Plan, Plan], host: TraceHost): readonly PlanDifference[] {
  const { family } = plans[0];
  const differences = new Map<string, PlanDifference>();
  const classes = explore(wholeSpace(family), {
    family,
    nodeAddresses: host.addresses,
    trace: (packet, witness) => [
      tracePlan(plans[0], packet, host, witness),
      tracePlan(plans[1], packet, host, witness),
    ],
    used: () => undefined,
  });
  for (const { packet, fate } of classes) {
    const [a, b] = fate as [Distribution, Distribution];
    const [textA, textB] = [formatDistribution(a), formatDistribution(b)];
    if (textA === textB) continue;
    const key = `${textA}\n${textB}`;
    const known = differences.get(key);
    differences.set(
      key,
      known === undefined ? { packet, fates: [a, b], classes: 1 } : { ...known, classes: known.classes + 1 },
    );
  }
  return [...differences.values()];
}
