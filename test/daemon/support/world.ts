/**
 * A cluster, a kernel and the loop between them: what a history is played in. All by one seed, so that it can be played
 * again.
 */
import fc from 'fast-check';
import { ipFamilies } from '../../../src/core/model/address.ts';
import type { Manifest } from '../../../src/core/model/objects.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { emptySnapshot, reduce, type SnapshotEvent } from '../../../src/core/snapshot/snapshot.ts';
import type { SourceProgress } from '../../../src/core/snapshot/source.ts';
import { valuesIn } from '../../../src/core/structures/shards.ts';
import { createInbox, type Inbox } from '../../../src/daemon/inbox.ts';
import { createLoop, type SyncLoop } from '../../../src/daemon/loop.ts';
import type { Kernel } from '../../../src/host/kernel.ts';
import type { SyncReport } from '../../../src/observe/sync-report.ts';
import { arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { nodeConfig } from '../../support/objects.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';
import { createFakeKernel, type FakeKernel } from './fake-kernel.ts';
import { createRandom, type Random } from './random.ts';

export const clusters = fc.sample(arbitraryObjects, { seed: 20261126, numRuns: 300 });

export interface World {
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly kernels: readonly FakeKernel[];
  readonly config: ReturnType<typeof nodeConfig>;
  readonly minSyncPeriodMs: number;
  /** What the cluster is, whether or not the loop has heard. */
  truth: Snapshot;
  loop: SyncLoop;
  inbox: Inbox;
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

function startLoop(parts: Parts): Pick<World, 'loop' | 'inbox' | 'running' | 'kill'> {
  const { config, kernels, clock, minSyncPeriodMs, reports, follower, bugs } = parts;
  const process = { isAlive: true };
  const onProgress = ({ severity, message }: SourceProgress): void => {
    if (severity === 'error') bugs.push(message);
  };
  const inbox = createInbox({ clock, onProgress });
  const loop = createLoop({
    config,
    kernels: kernels.map((kernel) => whileAlive(kernel, process)),
    clock,
    inbox,
    minSyncPeriodMs,
    kinds: ['Service', 'EndpointSlice'],
    syncPeriodMs: 30_000,
    onTurn: (report) => {
      reports.push(report);
      if (follower.failures === 0) return;
      follower.failures -= 1;
      throw new Error('a follower fails');
    },
    onProgress,
  });
  for (const kind of ['Service', 'EndpointSlice'] as const) inbox.sink.synced(kind);
  const kill = (): void => {
    process.isAlive = false;
    loop.stop();
  };
  return { loop, inbox, running: loop.run(), kill };
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
  const read = async (limitMs?: number) => ({ content: await kernel.read(limitMs) });
  return {
    ...{ family, mode, tool, watch },
    read: async (limitMs) => (await guarded(read)(limitMs)).content,
    findDrift: guarded(kernel.findDrift),
    apply: guarded(kernel.apply) as Kernel['apply'],
  };
}

export function tell(world: World, events: readonly SnapshotEvent[]): void {
  world.truth = reduce(world.truth, events);
  world.inbox.sink.changed(events.map((event) => ({ event })));
}

export async function end(world: World): Promise<void> {
  world.loop.stop();
  await world.clock.advance(60_000);
  await world.running;
}

/** The loop ends as SIGTERM or kill -9 ends it, and another begins, which is told everything anew. */
export async function restart(world: World, how: 'term' | 'kill'): Promise<void> {
  if (how === 'term') await end(world);
  else world.kill();
  Object.assign(world, startLoop(world));
  const objects: Manifest[] = [
    ...valuesIn(world.truth.services).map((object) => ({ kind: 'Service', object }) as const),
    ...valuesIn(world.truth.slices).flatMap((slices) =>
      [...slices.values()].map((object) => ({ kind: 'EndpointSlice', object }) as const),
    ),
  ];
  world.inbox.sink.changed(objects.map((manifest) => ({ event: { type: 'set', manifest } })));
}
