/** The daemon, put together: a source feeds the loop, the loop keeps the kernel, others follow and tell about it. */

import { systemClock } from '../clock.ts';
import type { ProxySettings } from '../configuration/settings.ts';
import type { NodeConfig } from '../core/model/config.ts';
import type { ObjectSource, RunningSource, SourceSink } from '../core/snapshot/source.ts';
import { startConntrackReconciler } from '../host/conntrack/conntrack.ts';
import type { Kernel } from '../host/kernel.ts';
import { createHealth } from '../observe/health/health.ts';
import { createServiceChecks } from '../observe/health/service-checks.ts';
import type { OwnedLog } from '../observe/logs/log.ts';
import { createMetrics, type Metrics } from '../observe/metrics/metrics.ts';
import { createTransactionHistory } from '../observe/pages/transactions.ts';
import type { ZpagesOptions } from '../observe/pages/zpages.ts';
import { createDebugPages } from './debug-pages.ts';
import { createFollower, healthChecksOf, plansOf } from './followers.ts';
import { createLoop, type SyncLoop } from './loop.ts';
import { followNodeAddresses } from './node/addresses.ts';
import { healthCheckHosts } from './node/health-check-hosts.ts';
import { waitForPodCidrs } from './node/wait-for-pod-cidrs.ts';
import { logProgress, tellPass, tellProof } from './progress.ts';
import { createSelfProof, proveEvery } from './self-proof.ts';
import { startServers } from './servers.ts';

export interface DaemonOptions {
  readonly settings: ProxySettings;
  readonly config: NodeConfig;
  readonly kernels: readonly Kernel[];
  readonly source: ObjectSource;
  readonly log: OwnedLog;
  readonly about: Pick<ZpagesOptions, 'flags' | 'config' | 'version'>;
  /** Something that the owner of a Service should hear of. */
  readonly tellOwner: (notice: OwnerNotice) => void;
  /** How often the rules in the kernel are proven; undefined: only when asked. */
  readonly verifyEveryMs: number | undefined;
  /** After the first turn that left nothing to be done. */
  readonly onFirstSuccess: () => void;
}

export interface OwnerNotice {
  readonly reason: 'FailedToStartServiceHealthcheck' | 'RulesRefused';
  readonly namespace: string;
  readonly name: string;
  readonly message: string;
}

export interface Daemon {
  readonly metrics: Metrics;
  readonly loop: SyncLoop;
  /** Resolves after `stop`. Rejects when a server has to listen and cannot, or for a bug of ours. */
  readonly ended: Promise<void>;
  /** Finishes the transaction under way. The rules stay. */
  stop(): void;
}

export function startDaemon(options: DaemonOptions): Daemon {
  const { settings, config, kernels, log, about, tellOwner } = options;
  const families = kernels.map(({ family }) => family);
  const stopping = new AbortController();
  const addresses = followNodeAddresses(families, () => checks.sync(healthChecksOf(loop.standing())), stopping.signal);
  const health = createHealth({ clock: systemClock, syncPeriodMs: settings.syncPeriodMs });
  const history = createTransactionHistory();
  let lastQueuedAtMs: number | undefined;
  const metrics = createMetrics({
    mode: config.mode,
    families,
    version: about.version,
    sources: {
      pendingChanges: () => loop.waiting(),
      lastQueuedAtMs: () => lastQueuedAtMs,
      lostLogLines: log.lostLines,
    },
  });
  const checks = createServiceChecks({
    addresses: () => healthCheckHosts(plansOf(loop.standing()), addresses),
    isHealthy: () => health.status().healthy,
    onProblem: ({ namespace, name }, message) => {
      log.error('The health check of a load balancer cannot be served', { service: `${namespace}/${name}`, message });
      tellOwner({ reason: 'FailedToStartServiceHealthcheck', namespace, name, message });
    },
    onFailure: (path, error) =>
      log.error('A health check could not be answered: a bug', { path, error: String(error) }),
  });
  const conntrack = startConntrackReconciler({ onReport: (pass) => tellPass(pass, { log, metrics }) });
  const follow = createFollower({
    ...{ log, metrics, health, history, checks, conntrack, nodeName: config.nodeName },
    onFirstSuccess: options.onFirstSuccess,
    onQuarantine: (service, message) => {
      const [namespace = '', name = ''] = service.split('/');
      tellOwner({ reason: 'RulesRefused', namespace, name, message });
    },
  });
  /** Before all objects are known nothing can be programmed, and so nothing is late. */
  const noteQueued = (): void => {
    if (loop.isSynced() && loop.waiting().sinceMs !== undefined) for (const family of families) health.queued(family);
  };
  const loop = createLoop({
    ...{ config, kernels, clock: systemClock, kinds: options.source.kinds },
    syncPeriodMs: settings.syncPeriodMs,
    minSyncPeriodMs: settings.minSyncPeriodMs,
    onTurn: (report, standing) => {
      follow(report, standing);
      // What came during the turn is not in the kernel, whatever the report of it says.
      noteQueued();
    },
    onProgress: (progress) => logProgress(progress, log),
  });
  const selfProof = createSelfProof({
    standing: () => loop.standing(),
    localAddresses: addresses,
    onProof: (proof) => tellProof(proof, { log, metrics }),
  });
  if (options.verifyEveryMs !== undefined) proveEvery(options.verifyEveryMs, selfProof, stopping.signal);
  const routes = createDebugPages({ config, standing: () => loop.standing(), localAddresses: addresses, selfProof });
  const servers = startServers({
    ...{ settings, log, health, metrics, history, about, mode: config.mode, routes },
    standing: loop.standing,
  });
  const sink = overhear(loop.sink, () => {
    lastQueuedAtMs = Date.now();
    noteQueued();
  });
  const run = async (): Promise<void> => {
    const turning = loop.run();
    let source: RunningSource | undefined;
    try {
      source = options.source.start(
        config.detectLocal.mode === 'NodeCIDR' ? waitForPodCidrs(sink, config.nodeName) : sink,
      );
      await Promise.race([turning, servers.failed]);
    } finally {
      loop.stop();
      // A transaction under way is finished, and told about, before anybody who is told about it ends.
      await turning.catch(() => undefined);
      stopping.abort();
      await Promise.allSettled([source?.stop(), servers.close(), checks.close(), conntrack.stop()]);
    }
  };
  return { metrics, loop, ended: run(), stop: () => loop.stop() };
}

/** The same sink; `onRecorded` is called after something was recorded that may be a reason for a turn. */
function overhear(sink: SourceSink, onRecorded: () => void): SourceSink {
  return {
    ...sink,
    changed(changes) {
      sink.changed(changes);
      onRecorded();
    },
    synced(kind) {
      sink.synced(kind);
      onRecorded();
    },
  };
}
