import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import type { ObjectKind, SourceSink } from '../../../src/core/snapshot/source.ts';
import { type Daemon, type DaemonOptions, startDaemon } from '../../../src/daemon/daemon.ts';
import { createInbox } from '../../../src/daemon/inbox.ts';
import type { OwnerNotice } from '../../../src/daemon/owner-notice.ts';
import { logProgress } from '../../../src/daemon/progress.ts';
import { createMetrics } from '../../../src/observe/metrics/metrics.ts';
import { memoryLog } from '../../observe/logs/memory.ts';
import { nodeConfig } from '../../support/objects.ts';
import { until } from '../../support/until.ts';
import { createFakeKernel, type FakeKernel } from './fake-kernel.ts';
import { settingsForTest } from './settings.ts';

export interface Running {
  readonly daemon: Daemon;
  readonly sink: SourceSink;
  readonly kernel: FakeKernel;
  readonly lines: readonly string[];
  readonly notices: readonly OwnerNotice[];
  readonly happened: readonly string[];
  sync(...kinds: readonly ObjectKind[]): void;
}

interface Over {
  readonly settings?: Parameters<typeof settingsForTest>[0];
  readonly config?: Partial<NodeConfig>;
  readonly source?: Partial<DaemonOptions['source']>;
  readonly takeLock?: DaemonOptions['takeLock'];
  readonly debug?: Partial<DaemonOptions['debug']>;
}

/** A daemon with a source that says what the test says, and a kernel that takes no time. */
export async function startForTest({ settings, config, source, takeLock, debug }: Over = {}): Promise<Running> {
  const { mode = 'nftables' } = config ?? {};
  const kernel = createFakeKernel(mode, 'IPv4', systemClock);
  kernel.applyMs = 0;
  const { log, lines } = memoryLog({ verbosity: 2 });
  const notices: OwnerNotice[] = [];
  const happened: string[] = [];
  const inbox = createInbox({ clock: systemClock, onProgress: (progress) => logProgress(progress, log) });
  const metrics = createMetrics({
    ...{ mode, families: ['IPv4'], version: '1.2.3' },
    sources: { pendingChanges: inbox.waiting, lastQueuedAtMs: inbox.lastNewsAtMs, lostLogLines: log.lostLines },
  });
  let sink: SourceSink | undefined;
  const daemon = startDaemon({
    settings: settingsForTest(settings),
    config: nodeConfig({ ...config, mode }),
    kernels: [kernel],
    source: {
      kinds: ['Service', 'EndpointSlice', 'Node'],
      start(given) {
        sink = given;
        return {
          stop: () => {
            happened.push('source stopped');
            return Promise.resolve();
          },
        };
      },
      ...source,
    },
    ...{ inbox, metrics, log },
    about: { flags: {}, config: {}, version: '1.2.3' },
    takeLock: takeLock ?? (() => Promise.resolve({ release: () => Promise.resolve() })),
    tellOwner: (notice) => notices.push(notice),
    verifyEveryMs: undefined,
    debug: { address: undefined, allowedHosts: ['proxy.example'], ...debug },
    setVerbosity: log.setVerbosity,
    onFailedStart: (server) => happened.push(`${server} failed`),
    onFirstSuccess: () => happened.push('first success'),
  });
  daemon.ended.catch(() => undefined);
  onTestFinished(async () => {
    daemon.stop();
    await daemon.ended.catch(() => undefined);
  });
  // The source is started once the lock is taken.
  await sleep(0);
  const given = (): SourceSink => {
    if (sink === undefined) throw new Error('the source was not started');
    return sink;
  };
  const sync = (...kinds: readonly ObjectKind[]): void => {
    for (const kind of kinds) given().synced(kind);
  };
  const passOn: SourceSink = {
    changed: (changes) => given().changed(changes),
    diagnosed: (...args) => given().diagnosed(...args),
    synced: (kind) => given().synced(kind),
    progress: (progress) => given().progress(progress),
  };
  return { daemon, sink: passOn, kernel, lines, notices, happened, sync };
}

export async function becomesTrue(check: () => boolean | Promise<boolean>): Promise<void> {
  await until(async () => {
    expect(await check()).toBe(true);
  });
}
