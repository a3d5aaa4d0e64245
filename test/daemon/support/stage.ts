/** A loop on a stage: with fake kernels and a virtual clock, and short ways to tell it what the cluster is. */
import type { IpFamily } from '../../../src/core/model/address.ts';
import type { Manifest } from '../../../src/core/model/objects.ts';
import type { SnapshotEvent } from '../../../src/core/snapshot/snapshot.ts';
import type { SourceProgress } from '../../../src/core/snapshot/source.ts';
import { createInbox, type Inbox } from '../../../src/daemon/inbox.ts';
import { createLoop, type LoopOptions, type SyncLoop } from '../../../src/daemon/loop.ts';
import type { SyncReport } from '../../../src/observe/sync-report.ts';
import { endpoint, ip, nodeConfig, service, slice } from '../../support/objects.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';
import { createFakeKernel, type FakeKernel } from './fake-kernel.ts';

export interface Stage {
  readonly loop: SyncLoop;
  readonly inbox: Inbox;
  /** The first family's. */
  readonly kernel: FakeKernel;
  readonly kernels: readonly FakeKernel[];
  readonly clock: VirtualClock;
  readonly reports: SyncReport[];
  readonly progress: SourceProgress[];
  readonly running: Promise<void>;
}

export interface StageOptions extends Partial<Omit<LoopOptions, 'kernels' | 'config' | 'inbox' | 'onProgress'>> {
  readonly mode?: 'iptables' | 'nftables';
  readonly families?: readonly IpFamily[];
}

export function startStage({ mode = 'nftables', families = ['IPv4'], ...over }: StageOptions = {}): Stage {
  const clock = createVirtualClock();
  const kernels = families.map((family) => createFakeKernel(mode, family, clock));
  const [kernel] = kernels;
  if (kernel === undefined) throw new Error('no family');
  const reports: SyncReport[] = [];
  const progress: SourceProgress[] = [];
  const onProgress = (each: SourceProgress): unknown => progress.push(each);
  const inbox = createInbox({ clock, onProgress });
  const loop = createLoop({
    config: nodeConfig({ mode }),
    kernels,
    clock,
    inbox,
    kinds: ['Service', 'EndpointSlice'],
    syncPeriodMs: 30_000,
    minSyncPeriodMs: 0,
    onTurn: (report) => reports.push(report),
    onProgress,
    ...over,
  });
  return { loop, inbox, kernel, kernels, clock, reports, progress, running: loop.run() };
}

export function set(...manifests: readonly Manifest[]): { readonly event: SnapshotEvent }[] {
  return manifests.map((manifest) => ({ event: { type: 'set', manifest } }));
}

/** A Service of the namespace `shop` with its one slice. */
export function named(name: string, clusterIp: string, ...endpoints: readonly string[]): readonly Manifest[] {
  return [
    { kind: 'Service', object: service(name, { clusterIps: { IPv4: ip(clusterIp) } }) },
    {
      kind: 'EndpointSlice',
      object: slice(
        name,
        endpoints.map((address) => endpoint(address)),
      ),
    },
  ];
}

/** Everything is known, and the Service `shop/web` programmed. */
export async function synced(stage: Stage): Promise<void> {
  stage.inbox.sink.changed(set(...named('web', '10.96.0.1', '10.244.1.1', '10.244.1.2')));
  stage.inbox.sink.synced('Service');
  stage.inbox.sink.synced('EndpointSlice');
  await stage.clock.advance(1000);
}

/** What became of each turn, in the first family. */
export const results = (stage: Stage) => stage.reports.map(({ cause, families }) => `${cause} ${families[0]?.result}`);
