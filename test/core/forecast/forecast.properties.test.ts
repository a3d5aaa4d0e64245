/** The laws of forecasts, for random clusters before and after random changes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecast, type Side } from '../../../src/core/forecast/forecast.ts';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import { namespacedName } from '../../../src/core/model/objects.ts';
import type { Packet } from '../../../src/core/model/packet.ts';
import type { Plan } from '../../../src/core/model/plan.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { formatDistribution } from '../../../src/core/trace/distribution.ts';
import { isLocalAddress } from '../../../src/core/trace/host.ts';
import { tracePlan } from '../../../src/core/trace/plan.ts';
import { addressKey, indexPlan, nodePortKey } from '../../../src/core/trace/plan-index.ts';
import { arbitraryPacket, hostOf } from '../../support/arbitrary-packet.ts';
import { arbitraryPair } from '../../support/arbitrary-pair.ts';
import { worlds } from '../../support/arbitrary-snapshot.ts';
import { packetsOfPlan } from '../../support/packets-of-plan.ts';

/** Sides whose nodes have the addresses that the packets of the small world meet. */
const pairs = arbitraryPair((snapshot, config, family) => {
  const addresses = ipFamilies.flatMap((each) => worlds[each].nodeAddresses);
  const node = snapshot.nodes.get(config.nodeName);
  const nodes = new Map([[config.nodeName, { name: config.nodeName, podCidrs: [], ...node, addresses }]]);
  return { family, side: { snapshot: { ...snapshot, nodes }, config } };
});

/** The Services whose frontend or health check a packet is aimed at. */
function aimedAt(plan: Plan, { destination, port, protocol }: Packet): readonly string[] {
  const index = indexPlan(plan);
  const isLocal = isLocalAddress(destination, hostOf(plan.family));
  const found = [
    index.addresses.get(addressKey(destination, port, protocol))?.servicePort.id,
    ...(isLocal ? [index.nodePorts.get(nodePortKey(port, protocol))?.id] : []),
    ...plan.healthChecks.filter((check) => isLocal && check.port === port && protocol === 'TCP'),
  ];
  return found.flatMap((id) => (id === undefined ? [] : [namespacedName(id)]));
}

/** Those whose cluster IP it is aimed at, on whatever port. */
function neighbours(plan: Plan, { destination }: Packet): readonly string[] {
  return plan.servicePorts
    .filter(({ frontends }) => frontends.clusterIp === destination)
    .map(({ id }) => namespacedName(id));
}

function planned({ snapshot, config }: Side, family: IpFamily): Plan {
  return planFamily(snapshot, config, family).plan;
}

describe('a forecast', () => {
  it('names the Service that a packet is aimed at, for every packet whose fate changes, or else the node', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(
        pairs.chain(([before, after]) =>
          fc.record({
            before: fc.constant(before),
            after: fc.constant(after),
            strays: fc.array(arbitraryPacket(before.family), { minLength: 10, maxLength: 30 }),
          }),
        ),
        ({ before: { side: before, family }, after: { side: after }, strays }) => {
          const [old, now] = [planned(before, family), planned(after, family)];
          const { services, node } = forecast(before, after, [family]);
          const named = new Set(services.map(namespacedName));
          for (const service of services) for (const { kind } of service.changes) kinds.add(kind);
          for (const packet of [...packetsOfPlan(old), ...packetsOfPlan(now), ...strays]) {
            const host = hostOf(family);
            const [was, is] = [tracePlan(old, packet, host), tracePlan(now, packet, host)].map(formatDistribution);
            if (was === is) continue;
            const concerned = [old, now].flatMap((plan) => aimedAt(plan, packet));
            const near = [old, now].flatMap((plan) => neighbours(plan, packet));
            const mayBeNodes = concerned.length === 0 && node.length > 0;
            if (
              mayBeNodes ||
              (concerned.length > 0 ? concerned.every((key) => named.has(key)) : near.some((key) => named.has(key)))
            )
              continue;
            expect.fail(`${JSON.stringify(packet)} was ${was}, is ${is}; concerned ${concerned}, named ${[...named]}`);
          }
        },
      ),
      { seed: 20_261_126, numRuns: 600 },
    );
    expect(kinds).toContain('effect');
  });

  it('is empty where nothing changes', () => {
    fc.assert(
      fc.property(pairs, ([{ side, family }]) => {
        const copy = { snapshot: structuredClone(side.snapshot), config: structuredClone(side.config) };
        for (const other of [side, copy]) {
          const { totals: _, ...rest } = forecast(side, other, [family]);
          expect(rest).toEqual({ services: [], node: [], diagnostics: { appeared: [], vanished: [] }, risks: [] });
        }
      }),
      { seed: 20_261_127 },
    );
  });
});
