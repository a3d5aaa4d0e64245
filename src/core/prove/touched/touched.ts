/**
 * What changed between two subjects, in the names that a witness hears (`Witness.used`). A trace that met none of it
 * takes the same path as before. Indexes of unchanged parts are handed over to the new subject.
 */

import type { Plan, ServicePortPlan } from '../../model/plan.ts';
import { changedValues } from '../../structures/chunked.ts';
import { sameElements } from '../../structures/list-difference.ts';
import { inheritIndexOfPlan } from '../../trace/plan/frontend-index.ts';
import { nodePortPart, parts, type Touch, type TracedPart } from '../../trace/witness.ts';
import type { Subject } from '../subject.ts';
import { touchedByIptables } from './iptables.ts';
import { handOverSets, touchedByNftables } from './nftables.ts';

export type Touched = ReadonlySet<TracedPart> | 'everything';

export function touchedParts(before: Subject, now: Subject): Touched {
  if (!sameElements(before.host.addresses, now.host.addresses)) return 'everything';
  if (settingsOf(before.plan) !== settingsOf(now.plan)) return 'everything';
  const touched = new Set<TracedPart>();
  const touch: Touch = (part) => touched.add(part);
  if (!touchedByRules(before, now, touch)) return 'everything';
  touchedByPlan(before.plan, now.plan, touch);
  return touched;
}

/** Hands over the indexes of unchanged parts to the new ruleset. */
export function handOver({ rules: before }: Subject, { rules: now }: Subject): void {
  if (before.mode === 'nftables' && now.mode === 'nftables') handOverSets(before.ruleset, now.ruleset);
}

/** False if everything may have changed, such as the mode or the tables: then all is proven again. */
function touchedByRules({ rules: before }: Subject, { rules: now }: Subject, touch: Touch): boolean {
  if (before.ruleset === now.ruleset) return true;
  if (before.mode === 'iptables')
    return now.mode === 'iptables' && touchedByIptables(before.ruleset, now.ruleset, touch);
  return now.mode === 'nftables' && touchedByNftables(before.ruleset, now.ruleset, touch);
}

/** All of the plan but its service ports and health checks, as text. */
function settingsOf({ servicePorts: _, healthChecks: __, ...settings }: Plan): string {
  return JSON.stringify(settings);
}

function touchedByPlan(before: Plan, now: Plan, touch: Touch): void {
  if (before === now) return;
  const ports = (plan: Plan): string => plan.healthChecks.map(({ port }) => port).join();
  if (ports(before) !== ports(now)) touch(parts.healthChecks);
  const { gone, come } = changedValues(before.servicePorts, now.servicePorts);
  for (const servicePort of gone) touch(servicePort);
  const [oldKeys, newKeys] = [keysOf(gone), keysOf(come)];
  let isSameFrontends = true;
  for (const keys of [oldKeys, newKeys]) {
    for (const [key, touchKey] of keys) {
      if (oldKeys.has(key) && newKeys.has(key)) continue;
      isSameFrontends = false;
      touchKey(touch);
    }
  }
  if (isSameFrontends) inheritIndexOfPlan(before, now, come);
}

/** The keys of service ports, and the dependencies of traces that look them up. */
function keysOf(servicePorts: readonly ServicePortPlan[]): ReadonlyMap<string, (touch: Touch) => void> {
  const keys = new Map<string, (touch: Touch) => void>();
  for (const { id, port, frontends } of servicePorts) {
    const { clusterIp, external, nodePort } = frontends;
    const addresses = [
      ...(clusterIp === undefined ? [] : [['clusterIP', clusterIp] as const]),
      ...external.map(({ kind, address }) => [kind, address] as const),
    ];
    for (const [kind, address] of addresses) {
      keys.set(`${kind} ${address} ${port} ${id.protocol}`, (touch) => {
        touch(parts.frontends);
        touch(address);
      });
    }
    if (nodePort === undefined) continue;
    keys.set(`${nodePort} ${id.protocol}`, (touch) => {
      touch(parts.nodePorts);
      touch(nodePortPart(nodePort));
    });
  }
  return keys;
}
