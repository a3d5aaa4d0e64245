/** The laws of forecasts, for random clusters before and after random changes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/core/forecast/changes.ts';
import { forecast, type Side } from '../../../src/core/forecast/forecast.ts';
import { familyOf, type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import { namespacedName } from '../../../src/core/model/objects.ts';
import type { Distribution, Packet } from '../../../src/core/model/packet.ts';
import type { Plan } from '../../../src/core/model/plan.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { reduce } from '../../../src/core/snapshot/snapshot.ts';
import { valuesIn } from '../../../src/core/structures/shards.ts';
import { formatDistribution } from '../../../src/core/trace/distribution.ts';
import { isLocalAddress } from '../../../src/core/trace/host.ts';
import { findFrontend, findNodePort, indexPlan } from '../../../src/core/trace/plan/frontend-index.ts';
import { tracePlan } from '../../../src/core/trace/plan/trace.ts';
import { arbitraryPacket, hostOf } from '../../support/arbitrary/packet.ts';
import { packetsOfPlan } from '../../support/arbitrary/packets-of-plan.ts';
import { arbitraryPair } from '../../support/arbitrary/pair.ts';
import { arbitraryConfig, arbitraryObjects, worlds } from '../../support/arbitrary/snapshot.ts';
import { snapshotOfManifests } from '../../support/objects.ts';

interface Pair {
  readonly family: IpFamily;
  readonly before: Side;
  readonly after: Side;
}

/** Another cluster, or other settings. */
const anyPairs: fc.Arbitrary<Pair> = arbitraryPair((snapshot, config, family) => ({ family, snapshot, config })).map(
  ([before, after]) => ({ family: before.family, before: sideOf(before), after: sideOf(after) }),
);

/** One object or two of the same cluster: what else changes, changes because of them. */
const closePairs: fc.Arbitrary<Pair> = fc
  .record({
    family: fc.constantFrom(...ipFamilies),
    config: arbitraryConfig,
    objects: arbitraryObjects,
    others: arbitraryObjects.chain((others) =>
      fc.shuffledSubarray([...others], { minLength: 1 }).map((some) => some.slice(0, 2)),
    ),
  })
  .map(({ family, config, objects, others }) => {
    const before = snapshotOfManifests(objects);
    const snapshot = reduce(
      before,
      others.map((manifest) => ({ type: 'set', manifest })),
    );
    return { family, before: sideOf({ snapshot: before, config }), after: sideOf({ snapshot, config }) };
  });

/** The node has the addresses that the packets of the small world meet. */
function sideOf({ snapshot, config }: Side): Side {
  const addresses = ipFamilies.flatMap((each) => worlds[each].nodeAddresses);
  const node = snapshot.nodes.get(config.nodeName);
  const nodes = new Map([[config.nodeName, { name: config.nodeName, podCidrs: [], ...node, addresses }]]);
  return { snapshot: { ...snapshot, nodes }, config };
}

/** The Services whose frontend or health check a packet is aimed at. */
function aimedAt(plan: Plan, { destination, port, protocol }: Packet): readonly string[] {
  const index = indexPlan(plan);
  const isLocal = isLocalAddress(destination, hostOf(plan.family));
  const found = [
    findFrontend(index, { destination, port, protocol })?.servicePort.id,
    ...(isLocal ? [findNodePort(index, { port, protocol })?.id] : []),
    ...plan.healthChecks.filter((check) => isLocal && check.port === port && protocol === 'TCP'),
  ];
  return found.flatMap((id) => (id === undefined ? [] : [namespacedName(id)]));
}

/** Those whose cluster IP it is aimed at, on whatever port. */
function neighbours(plan: Plan, { destination }: Packet): readonly string[] {
  return plan.servicePorts
    .flat()
    .filter(({ frontends }) => frontends.clusterIp === destination)
    .map(({ id }) => namespacedName(id));
}

function planned({ snapshot, config }: Side, family: IpFamily): Plan {
  return planFamily(snapshot, config, family).plan;
}

interface Named {
  readonly named: ReadonlySet<string>;
  readonly node: readonly unknown[];
}

function isNamed(packet: Packet, plans: readonly Plan[], { named, node }: Named): boolean {
  const owners = plans.flatMap((plan) => aimedAt(plan, packet));
  if (owners.length > 0) return owners.every((key) => named.has(key));
  return node.length > 0 || plans.flatMap((plan) => neighbours(plan, packet)).some((key) => named.has(key));
}

/** From somebody who is neither the node nor an endpoint. */
function isPlain({ source, destination, inputInterface }: Packet): boolean {
  const { nodeAddresses, endpoints } = worlds[familyOf(source)];
  const isNode = [source, destination].some((address) => isLocalAddress(address, { addresses: [] }));
  return inputInterface !== undefined && !isNode && ![...nodeAddresses, ...endpoints].includes(source);
}

function isReached(distribution: Distribution): boolean {
  return [...distribution.values()].some(({ outcome }) => outcome.kind === 'dnat');
}

/** `cutOff 10.96.0.1 80 TCP`, `reachable node 30080 TCP`: what an effect tells of each of its frontends. */
function reachTold(change: Change): readonly string[] {
  if (change.kind !== 'effect') return [];
  return change.frontends.map(
    ({ address = 'node', port, protocol }) => `${change.effect} ${address} ${port} ${protocol}`,
  );
}

describe('a forecast', () => {
  it.each([
    ['any two clusters', anyPairs, 120],
    ['clusters that differ by an object or two', closePairs, 250],
  ])('names each Service that a packet is aimed at whose fate changes, or else the node: %s', (_, pairs, numRuns) => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(pairs, ({ family, before, after }) => {
        const [old, now] = [planned(before, family), planned(after, family)];
        const { services, node } = forecast(before, after, [family]);
        const named = new Set(services.map(namespacedName));
        for (const service of services) for (const { kind } of service.changes) kinds.add(kind);
        const strays = fc.sample(arbitraryPacket(family), { numRuns: 20, seed: services.length });
        for (const packet of [...packetsOfPlan(old), ...packetsOfPlan(now), ...strays]) {
          const host = hostOf(family);
          const [was, is] = [tracePlan(old, packet, host), tracePlan(now, packet, host)].map(formatDistribution);
          if (was === is || isNamed(packet, [old, now], { named, node })) continue;
          expect.fail(`${JSON.stringify(packet)} was ${was}, is ${is}; named ${[...named]}`);
        }
      }),
      { seed: 20_261_126, numRuns },
    );
    // Worlds in which nothing much changes would make the law hold.
    expect([...kinds]).toEqual(expect.arrayContaining(['frontend', 'endpoints', 'effect', 'healthCheck', 'policy']));
  });

  it.each([
    ['any two clusters', anyPairs],
    ['clusters that differ by an object or two', closePairs],
  ])('tells of every frontend where somebody is cut off, or newly gets through: %s', (_, pairs) => {
    let seen = 0;
    fc.assert(
      fc.property(pairs, ({ family, before, after }) => {
        const [old, now] = [planned(before, family), planned(after, family)];
        const { services } = forecast(before, after, [family]);
        const told = new Set(services.flatMap(({ changes }) => changes.flatMap(reachTold)));
        for (const packet of [...packetsOfPlan(old), ...packetsOfPlan(now)].filter(isPlain)) {
          const [was, is] = [old, now].map((plan) => isReached(tracePlan(plan, packet, hostOf(family))));
          if (was === is) continue;
          seen += 1;
          const kind = is ? 'reachable' : 'cutOff';
          const { destination, port, protocol } = packet;
          const keys = [destination, 'node'].map((where) => `${kind} ${where} ${port} ${protocol}`);
          if (!keys.some((key) => told.has(key))) expect.fail(`${JSON.stringify(packet)}: ${kind}; told ${[...told]}`);
        }
      }),
      { seed: 20_261_130, numRuns: 100 },
    );
    expect(seen).toBeGreaterThan(100);
  });

  it('is empty where nothing changes', () => {
    fc.assert(
      fc.property(closePairs, ({ before: side, family }) => {
        const copy = { snapshot: structuredClone(side.snapshot), config: structuredClone(side.config) };
        for (const other of [side, copy]) {
          const { totals: _, risks, ...rest } = forecast(side, other, [family]);
          expect(rest).toEqual({ services: [], node: [], diagnostics: { appeared: [], vanished: [] } });
          const users = valuesIn(side.snapshot.services).filter(({ externalIps }) => externalIps.length > 0);
          expect(risks.map(({ code, standing, service }) => ({ code, standing, service }))).toEqual(
            users.map((service) => ({
              ...{ code: 'external-ips-deprecated', standing: true, service: namespacedName(service) },
            })),
          );
        }
      }),
      { seed: 20_261_127 },
    );
  });
});
