/**
 * A history: a cluster that changes, a kernel that fails and is tampered with, and restarts; all by one seed. At any
 * moment of quiet the kernel must be what the cluster says.
 */
import fc from 'fast-check';
import { compile } from '../../../src/core/compile.ts';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { type Manifest, namespacedName } from '../../../src/core/model/objects.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import type { Rules } from '../../../src/core/rules.ts';
import { emptySnapshot, reduce, type SnapshotEvent } from '../../../src/core/snapshot/snapshot.ts';
import { changedServices } from '../../../src/daemon/hold-back.ts';
import { createLoop, type SyncLoop } from '../../../src/daemon/loop.ts';
import type { Kernel } from '../../../src/host/kernel.ts';
import type { SyncReport } from '../../../src/observe/sync-report.ts';
import { arbitraryObjects } from '../../support/arbitrary-snapshot.ts';
import { nodeConfig } from '../../support/objects.ts';
import { createFakeKernel, type FakeKernel, isSame } from './fake-kernel.ts';
import { createRandom, type Random } from './random.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

const clusters = fc.sample(arbitraryObjects, { seed: 20261126, numRuns: 300 });

/** A Service whose rules hold this is refused. It is no address of the random clusters. */
const poison = '10.244.66.66';

export interface World {
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly kernels: readonly FakeKernel[];
  readonly config: ReturnType<typeof nodeConfig>;
  readonly minSyncPeriodMs: number;
  /** What the cluster is, whether or not the loop has heard. */
  truth: Snapshot;
  loop: SyncLoop;
  running: Promise<void>;
  /** Ends the process of this loop at once, as kill -9 does. */
  kill: () => void;
  readonly reports: SyncReport[];
  /** Whoever is told of turns throws, this many times. */
  readonly follower: { failures: number };
  /** What the loop complained about itself. */
  readonly bugs: string[];
}

export async function startWorld(seed: number): Promise<World> {
  const random = createRandom(seed);
  const clock = createVirtualClock();
  const mode = random.pick(['iptables', 'nftables'] as const);
  const config = nodeConfig({ mode, layout: random.pick(['fast', 'kube-proxy'] as const) });
  const kernels = ipFamilies.map((family) => createFakeKernel(mode, family, clock));
  const minSyncPeriodMs = random.pick([0, 0, 1000]);
  const reports: SyncReport[] = [];
  const follower = { failures: 0 };
  const parts = { random, clock, config, kernels, minSyncPeriodMs, reports, follower, bugs: [] };
  const world: World = { ...parts, truth: emptySnapshot, ...startLoop(parts) };
  tell(
    world,
    random.pick(clusters).map((manifest) => ({ type: 'set', manifest })),
  );
  await clock.advance(60_000);
  return world;
}

type Parts = Pick<World, 'config' | 'kernels' | 'clock' | 'minSyncPeriodMs' | 'reports' | 'follower' | 'bugs'>;

function startLoop(parts: Parts): Pick<World, 'loop' | 'running' | 'kill'> {
  const { config, kernels, clock, minSyncPeriodMs, reports, follower, bugs } = parts;
  const process = { isAlive: true };
  const loop = createLoop({
    config,
    kernels: kernels.map((kernel) => whileAlive(kernel, process)),
    clock,
    minSyncPeriodMs,
    kinds: ['Service', 'EndpointSlice'],
    syncPeriodMs: 30_000,
    onTurn: (report) => {
      reports.push(report);
      if (follower.failures === 0) return;
      follower.failures -= 1;
      throw new Error('a follower fails');
    },
    onProgress: ({ severity, message }) => {
      if (severity === 'error') bugs.push(message);
    },
  });
  for (const kind of ['Service', 'EndpointSlice'] as const) loop.sink.synced(kind);
  const kill = (): void => {
    process.isAlive = false;
    loop.stop();
  };
  return { loop, running: loop.run(), kill };
}

/** What a process that is killed has begun goes on in the kernel, but it hears no more of it. */
function whileAlive(kernel: FakeKernel, process: { readonly isAlive: boolean }): Kernel {
  const guarded =
    <A extends readonly unknown[], T>(method: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      const result = process.isAlive ? await method(...args) : undefined;
      return process.isAlive && result !== undefined ? result : new Promise<T>(() => undefined);
    };
  const { family, mode, tool, watch } = kernel;
  const read = async () => ({ content: await kernel.read() });
  return {
    ...{ family, mode, tool, watch },
    read: async () => (await guarded(read)()).content,
    findDrift: guarded(kernel.findDrift),
    apply: guarded(kernel.apply) as Kernel['apply'],
  };
}

function tell(world: World, events: readonly SnapshotEvent[]): void {
  world.truth = reduce(world.truth, events);
  world.loop.sink.changed(events.map((event) => ({ event })));
}

/** One thing happens. */
export async function happen(world: World): Promise<void> {
  const { random, clock, kernels } = world;
  const kernel = random.pick(kernels);
  const kind = random.integer(28);
  if (kind < 10) tell(world, [randomEvent(world)]);
  else if (kind < 12) kernel.faults.push({ kind: 'killed', commits: random.integer(3) });
  else if (kind === 12) kernel.faults.push({ kind: 'lock', waitMs: random.integer(5000) });
  else if (kind === 13) kernel.isUnreadable = true;
  else if (kind < 16) kernel.tamper((content) => tampered(content, random));
  else if (kind === 16) poisonOne(world);
  else if (kind === 17) await restart(world, 'term');
  else if (kind === 18) clock.jumpWall(random.integer(7_200_000) - 3_600_000);
  else if (kind === 19) kernel.applyMs = random.pick([1, 15, 200, 2000]);
  else if (kind === 20)
    kernel.faults.push({ kind: 'base' }, ...(random.chance(0.5) ? [{ kind: 'base' } as const] : []));
  else if (kind === 21) kernel.isBlind = true;
  else if (kind === 22) world.follower.failures += 1;
  else if (kind === 23) burst(world);
  else if (kind === 24) storm(kernel, clock);
  else if (kind === 25) await outage(world, kernel);
  else if (kind === 26) await restart(world, 'kill');
  else kernel.lookMs = random.pick([2, 2, 700]);
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

/** What is not in the kernel and not held back must be known to the loop: probes and metrics go by it. */
export function findSilence({ loop, truth, reports }: World): readonly string[] {
  if (loop.behindSinceMs() !== undefined) return [];
  const held = new Set(reports.at(-1)?.families.flatMap(({ quarantined }) => quarantined));
  return loop.standing().families.flatMap(({ kernel, snapshot }) =>
    changedServices(snapshot, truth)
      .filter((key) => !held.has(key) && isDifferent(key, snapshot, truth))
      .map((key) => `${kernel.family}: ${key} is not programmed, and it says that it is not behind`),
  );
}

/** Nothing happens for so long that everything must be as it should. Gives what is wrong then. */
export async function quiet(world: World): Promise<readonly string[]> {
  for (const kernel of world.kernels) kernel.faults.length = 0;
  await world.clock.advance(120_000);
  // Who was held back by mistake is tried again, if later each time.
  if (isAnyHeld(world)) await world.clock.advance(600_000);
  const problems: string[] = [];
  for (const [i, kernel] of world.kernels.entries()) {
    const standing = world.loop.standing().families[i];
    const wanted = compile(standing?.snapshot ?? emptySnapshot, world.config, [kernel.family]).rules[kernel.family];
    if (wanted === undefined || !isSame(kernel.content, wanted))
      problems.push(`${kernel.family}: not what was compiled`);
    const programmed = standing?.snapshot ?? emptySnapshot;
    const behind = changedServices(programmed, world.truth).filter((key) => isDifferent(key, programmed, world.truth));
    const unexplained = behind.filter(
      (key) => !isPoisoned(world.truth, key) && !uncoversPoison(world, programmed, key),
    );
    if (unexplained.length > 0) problems.push(`${kernel.family}: ${unexplained.join()} not programmed`);
  }
  if (world.loop.behindSinceMs() !== undefined) problems.push('it says that it is behind');
  if (world.bugs.some((bug) => !bug.includes('a follower fails'))) problems.push(...world.bugs);
  return problems;
}

function isAnyHeld({ reports }: World): boolean {
  return reports.at(-1)?.families.some(({ quarantined }) => quarantined.length > 0) ?? false;
}

export async function end(world: World): Promise<void> {
  world.loop.stop();
  await world.clock.advance(60_000);
  await world.running;
}

/** The loop ends as SIGTERM or kill -9 ends it, and another begins, which is told everything anew. */
async function restart(world: World, how: 'term' | 'kill'): Promise<void> {
  if (how === 'term') await end(world);
  else world.kill();
  Object.assign(world, startLoop(world));
  const objects: Manifest[] = [
    ...[...world.truth.services.values()].map((object) => ({ kind: 'Service', object }) as const),
    ...[...world.truth.slices.values()].flatMap((slices) =>
      [...slices.values()].map((object) => ({ kind: 'EndpointSlice', object }) as const),
    ),
  ];
  world.loop.sink.changed(objects.map((manifest) => ({ event: { type: 'set', manifest } })));
}

function randomEvent({ random, truth }: World): SnapshotEvent {
  if (random.chance(0.3)) {
    const services = [...truth.services.keys()];
    const slices = [...truth.sliceOwners.keys()];
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
  const slices = [...world.truth.slices.values()].flatMap((each) => [...each.values()]);
  const slice = slices.find(({ family, endpoints }) => family === 'IPv4' && endpoints.length > 0);
  const [endpoint] = slice?.endpoints ?? [];
  if (slice === undefined || endpoint === undefined) return;
  const address = poison as typeof endpoint.address;
  const object = { ...slice, endpoints: [{ ...endpoint, address, ready: true }, ...slice.endpoints] };
  tell(world, [{ type: 'set', manifest: { kind: 'EndpointSlice', object } }]);
}

/**
 * Whether a poisoned Service claims an address or port of this one: while this one has it, nothing of the other is in
 * the rules. When it is given up the kernel refuses that step, and it is this one that changed.
 */
function uncoversPoison({ truth }: World, programmed: Snapshot, key: string): boolean {
  const mine = new Set(claimsOf(programmed, key));
  return [...truth.services.keys()].some(
    (other) => isPoisoned(truth, other) && claimsOf(truth, other).some((claim) => mine.has(claim)),
  );
}

function claimsOf({ services }: Snapshot, key: string): readonly (string | number)[] {
  const service = services.get(key);
  if (service === undefined) return [];
  const { clusterIps, externalIps, loadBalancerIps, ports } = service;
  const nodePorts = ports.flatMap(({ nodePort }) => nodePort ?? []);
  return [...Object.values(clusterIps), ...externalIps, ...loadBalancerIps, ...nodePorts];
}

/** By value: whoever hears of several changes at once may have other objects that say the same. */
function isDifferent(key: string, a: Snapshot, b: Snapshot): boolean {
  const [textOfA, textOfB] = [a, b].map(({ services, slices }) =>
    JSON.stringify([services.get(key), [...(slices.get(key) ?? [])].sort()]),
  );
  return textOfA !== textOfB;
}

function isPoisoned({ slices }: Snapshot, key: string): boolean {
  return [...(slices.get(key)?.values() ?? [])].some(({ endpoints }) =>
    endpoints.some(({ address }) => address === poison),
  );
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

/** The seed is part of what is said, so that a history can be played again: `namespacedName` names what it is about. */
export function tellHistory(seed: number, problems: readonly string[], world: World): string {
  const services = [...world.truth.services.values()].map(namespacedName).join(', ');
  return `history ${seed} (${world.config.mode}, ${services}): ${problems.join('; ')}`;
}
