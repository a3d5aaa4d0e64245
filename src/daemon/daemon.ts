/** The daemon, put together: a source feeds the loop, the loop keeps the kernel, followers and servers tell about it. */

import type { ProxySettings } from '../configuration/settings.ts';
import { type IpAddress, type IpFamily, ipFamilies, perFamily } from '../core/model/address.ts';
import type { NodeConfig } from '../core/model/config.ts';
import { printRules } from '../core/rules.ts';
import type { ObjectSource, SourceProgress, SourceSink } from '../core/snapshot/source.ts';
import { startConntrackReconciler } from '../host/conntrack.ts';
import type { PassResult } from '../host/conntrack-pass.ts';
import type { Kernel } from '../host/kernel.ts';
import { watchLocalAddresses } from '../host/local-addresses.ts';
import { createHealth, systemClock as healthClock } from '../observe/health/health.ts';
import { createServiceChecks } from '../observe/health/service-checks.ts';
import type { Route } from '../observe/http/routes.ts';
import type { OwnedLog } from '../observe/logs/log.ts';
import { createMetrics, type Metrics } from '../observe/metrics/metrics.ts';
import { createTransactionHistory } from '../observe/pages/transactions.ts';
import type { ZpagesOptions } from '../observe/pages/zpages.ts';
import { systemClock } from './clock.ts';
import { createFollower } from './followers.ts';
import { healthCheckHosts } from './health-check-hosts.ts';
import { createLoop, type Standing, type SyncLoop } from './loop.ts';
import { startServers } from './servers.ts';
import { waitForPodCidrs } from './wait-for-pod-cidrs.ts';

export interface DaemonOptions {
  readonly settings: ProxySettings;
  readonly config: NodeConfig;
  readonly kernels: readonly Kernel[];
  readonly source: ObjectSource;
  readonly log: OwnedLog;
  readonly about: Pick<ZpagesOptions, 'flags' | 'config' | 'version'>;
  /** Something that the owner of a Service should hear of. */
  readonly tellOwner: (notice: OwnerNotice) => void;
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
  const addresses = followLocalAddresses(families, stopping.signal);
  const health = createHealth({ clock: healthClock, syncPeriodMs: settings.syncPeriodMs });
  const history = createTransactionHistory();
  const pending = createPendingCount();
  const { lastQueuedAtMs, pendingChanges } = pending;
  const metrics = createMetrics({
    mode: config.mode,
    families,
    version: about.version,
    sources: { pendingChanges, lastQueuedAtMs, lostLogLines: log.lostLines },
  });
  const checks = createServiceChecks({
    addresses: () =>
      healthCheckHosts(
        perFamily((family) => planOf(loop.standing(), family)),
        addresses,
      ),
    isHealthy: () => health.status().healthy,
    onProblem: ({ namespace, name }, message) => {
      log.error('The health check of a load balancer cannot be served', { service: `${namespace}/${name}`, message });
      tellOwner({ reason: 'FailedToStartServiceHealthcheck', namespace, name, message });
    },
    onFailure: (path, error) =>
      log.error('A health check could not be answered: a bug', { path, error: String(error) }),
  });
  const conntrack = startConntrackReconciler({ onReport: (pass) => reportPass(pass, log, metrics) });
  const follow = createFollower({
    ...{ log, metrics, health, history, checks, conntrack, nodeName: config.nodeName },
    onFirstSuccess: options.onFirstSuccess,
    onQuarantine: (service, message) => {
      const [namespace = '', name = ''] = service.split('/');
      tellOwner({ reason: 'RulesRefused', namespace, name, message });
    },
  });
  const loop = createLoop({
    ...{ config, kernels, clock: systemClock, kinds: options.source.kinds },
    syncPeriodMs: settings.syncPeriodMs,
    minSyncPeriodMs: settings.minSyncPeriodMs,
    onTurn: (report, standing) => {
      pending.taken(report.changes);
      follow(report, standing);
    },
    onProgress: (progress) => logProgress(progress, log),
  });
  const servers = startServers({
    ...{ settings, log, health, metrics, history, about, mode: config.mode, routes: debugRoutes(loop) },
    snapshot: () => loop.standing().snapshot,
    ruleset: () => currentRules(loop.standing()),
  });
  const run = async (): Promise<void> => {
    const source = options.source.start(sinkFor(loop, { ...options, health, pending }));
    await Promise.race([loop.run(), servers.failed]).finally(async () => {
      stopping.abort();
      loop.stop();
      await Promise.allSettled([source.stop(), servers.close(), checks.close(), conntrack.stop()]);
    });
  };
  return { metrics, loop, ended: run(), stop: () => loop.stop() };
}

/** Pages that ask the running daemon; the others are observe's. */
function debugRoutes(_loop: SyncLoop): readonly Route[] {
  return [];
}

type SinkParts = Pick<DaemonOptions, 'config' | 'kernels'> & {
  readonly health: { queued(family: IpFamily): void };
  readonly pending: PendingCount;
};

/** Whoever feeds the loop is overheard: the health and the metrics know of changes before they are taken up. */
function sinkFor({ sink }: SyncLoop, { config, kernels, health, pending }: SinkParts): SourceSink {
  const overheard: SourceSink = {
    ...sink,
    changed(changes) {
      for (const { family } of kernels) health.queued(family);
      pending.recorded(changes);
      sink.changed(changes);
    },
  };
  return config.detectLocal.mode === 'NodeCIDR' ? waitForPodCidrs(overheard, config.nodeName) : overheard;
}

interface PendingCount {
  recorded(changes: Parameters<SourceSink['changed']>[0]): void;
  taken(changes: { readonly services: number; readonly slices: number }): void;
  pendingChanges(): { readonly services: number; readonly slices: number };
  lastQueuedAtMs(): number | undefined;
}

function createPendingCount(): PendingCount {
  const counts = { services: 0, slices: 0 };
  let lastMs: number | undefined;
  return {
    recorded(changes) {
      lastMs = Date.now();
      for (const { event } of changes) {
        const kind = event.type === 'set' ? event.manifest.kind : event.kind;
        if (kind === 'Service') counts.services += 1;
        if (kind === 'EndpointSlice') counts.slices += 1;
      }
    },
    taken({ services, slices }) {
      counts.services -= services;
      counts.slices -= slices;
    },
    pendingChanges: () => ({ ...counts }),
    lastQueuedAtMs: () => lastMs,
  };
}

function planOf({ families }: Standing, family: IpFamily) {
  return families.find(({ kernel }) => kernel.family === family)?.plan;
}

function* currentRules({ families }: Standing): Generator<string> {
  for (const { kernel, rules } of families) {
    yield `# ${kernel.family}, ${kernel.tool}\n`;
    yield rules === undefined ? '# nothing was programmed yet\n' : printRules(rules);
  }
}

function followLocalAddresses(
  families: readonly IpFamily[],
  signal: AbortSignal,
): (family: IpFamily) => readonly IpAddress[] {
  const known = new Map<IpFamily, readonly IpAddress[]>();
  for (const family of ipFamilies.filter((each) => families.includes(each))) {
    watchLocalAddresses(family, (addresses) => known.set(family, addresses), { signal });
  }
  return (family) => known.get(family) ?? [];
}

function logProgress({ kind, severity, message }: SourceProgress, log: OwnedLog): void {
  const say = { debug: log.debug, info: log.info, warning: log.warn, error: log.error }[severity];
  say(message, kind === undefined ? {} : { kind });
}

function reportPass({ family, seen, deleted, ms, problem }: PassResult, log: OwnedLog, metrics: Metrics): void {
  metrics.observeConntrack({ family, seconds: ms / 1000, deleted });
  if (problem !== undefined) log.warn('Stale UDP flows may go on', { family, ...problem });
  else if (deleted > 0) log.info('Stale UDP flows were ended', { family, seen, deleted, ms });
}
