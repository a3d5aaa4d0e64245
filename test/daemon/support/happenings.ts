/** What happens in a history: to the cluster, to the kernel, and to the process. */

import type { Rules } from '../../../src/core/rules.ts';
import type { SnapshotEvent } from '../../../src/core/snapshot/snapshot.ts';
import { keysIn, valuesIn } from '../../../src/core/structures/shards.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';
import type { FakeKernel } from './fake-kernel.ts';
import type { Random } from './random.ts';
import { clusters, restart, tell, type World } from './world.ts';

/** A Service whose rules hold this is refused. It is no address of the random clusters. */
export const poison = '10.244.66.66';

type Happening = (world: World, kernel: FakeKernel) => unknown;

/** How often each comes, and what it is. */
const happenings: readonly (readonly [number, Happening])[] = [
  [10, (world) => tell(world, [randomEvent(world)])],
  [2, ({ random }, { faults }) => faults.push({ kind: 'killed', commits: random.integer(3) })],
  [1, ({ random }, { faults }) => faults.push({ kind: 'lock', waitMs: random.integer(5000) })],
  [1, ({ random }, { faults }) => faults.push(...Array.from({ length: random.pick([1, 2]) }, () => wrongBase))],
  [1, (_, kernel) => setIn(kernel, { isUnreadable: true })],
  [1, (_, kernel) => setIn(kernel, { isBlind: true })],
  [2, ({ random }, kernel) => kernel.tamper((content) => tampered(content, random))],
  [1, ({ random }, kernel) => setIn(kernel, { applyMs: random.pick([1, 15, 200, 2000]) })],
  [1, ({ random }, kernel) => setIn(kernel, { lookMs: random.pick([2, 2, 700]) })],
  [1, ({ clock }, kernel) => storm(kernel, clock)],
  [1, (world, kernel) => outage(world, kernel)],
  [1, (world) => poisonOne(world)],
  [1, (world) => burst(world)],
  [1, (world) => restart(world, 'term')],
  [1, (world) => restart(world, 'kill')],
  [1, ({ random, clock }) => clock.jumpWall(random.integer(7_200_000) - 3_600_000)],
  [1, ({ follower }) => setIn(follower, { failures: follower.failures + 1 })],
];

const wrongBase = { kind: 'base' } as const;
const everyOne = happenings.flatMap(([weight, happening]) => Array.from({ length: weight }, () => happening));

function setIn<T extends object>(target: T, values: Partial<T>): void {
  Object.assign(target, values);
}

/** One thing happens. */
export async function happen(world: World): Promise<void> {
  const { random, clock, kernels } = world;
  await random.pick(everyOne)(world, random.pick(kernels));
  await clock.advance(random.pick([0, 1, 10, 100, 1000, 10_000]));
}

/** Thousands of changes, each told alone. */
function burst(world: World): void {
  const manifests = Array.from({ length: 20 }, () => world.random.pick(world.random.pick(clusters)));
  for (let i = 0; i < 2000; i += 1) {
    const manifest = manifests[i % manifests.length];
    if (manifest !== undefined) tell(world, [{ type: 'set', manifest }]);
  }
}

/** Somebody commits every few milliseconds, for some seconds. */
function storm(kernel: FakeKernel, clock: VirtualClock): void {
  for (let i = 0; i < 500; i += 1) clock.after(i * 7, kernel.suspect);
}

/** One family's program fails for minutes, while changes go on. The other family gets them. */
async function outage(world: World, broken: FakeKernel): Promise<void> {
  broken.isBroken = true;
  for (let i = 0; i < 5; i += 1) {
    tell(world, [randomEvent(world)]);
    await world.clock.advance(20_000);
  }
  broken.isBroken = false;
}

function randomEvent({ random, truth }: World): SnapshotEvent {
  if (random.chance(0.3)) {
    const services = keysIn(truth.services);
    const slices = keysIn(truth.sliceOwners);
    if (services.length > 0 && random.chance(0.4)) {
      return { type: 'delete', kind: 'Service', key: random.pick(services) };
    }
    if (slices.length > 0) return { type: 'delete', kind: 'EndpointSlice', key: random.pick(slices) };
  }
  return { type: 'set', manifest: random.pick(random.pick(clusters)) };
}

/** An endpoint that the kernel refuses, in a slice of a Service of the cluster. */
function poisonOne(world: World): void {
  for (const kernel of world.kernels) kernel.poison.add(poison);
  const slices = valuesIn(world.truth.slices).flatMap((each) => [...each.values()]);
  const slice = slices.find(({ family, endpoints }) => family === 'IPv4' && endpoints.length > 0);
  const [endpoint] = slice?.endpoints ?? [];
  if (slice === undefined || endpoint === undefined) return;
  const address = poison as typeof endpoint.address;
  const object = { ...slice, endpoints: [{ ...endpoint, address, ready: true }, ...slice.endpoints] };
  tell(world, [{ type: 'set', manifest: { kind: 'EndpointSlice', object } }]);
}

/** Somebody takes something of ours away: everything, a table, a chain, or rules. */
function tampered(content: Rules, random: Random): Rules | undefined {
  if (random.chance(0.3)) return undefined;
  if (content.mode === 'nftables') {
    const { ruleset } = content;
    const sets = ruleset.sets.map((set) => (random.chance(0.3) ? { ...set, groups: set.groups.slice(1) } : set));
    const chains = ruleset.chains.map((chain) => (random.chance(0.2) ? { ...chain, rules: [] } : chain));
    return { mode: 'nftables', ruleset: { ...ruleset, sets, chains } };
  }
  const { ruleset } = content;
  const lost = random.integer(ruleset.tables.length);
  const tables = random.chance(0.3)
    ? ruleset.tables.filter((_, i) => i !== lost)
    : ruleset.tables.map((each) => ({
        ...each,
        chains: each.chains.map((chain) => (random.chance(0.2) ? { ...chain, rules: [] } : chain)),
      }));
  return { mode: 'iptables', ruleset: { ...ruleset, tables } };
}
