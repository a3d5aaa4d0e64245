/** The daemon, put together: a source feeds the inbox, the loop keeps the kernel, the followers tell about it. */
import { systemClock } from '../clock.ts';
import type { ProxySettings } from '../configuration/settings.ts';
import type { NodeConfig } from '../core/model/config.ts';
import type { ObjectKind, ObjectSource } from '../core/snapshot/source.ts';
import { startConntrackReconciler } from '../host/conntrack/conntrack.ts';
import type { Kernel } from '../host/kernel.ts';
import type { LockOptions, NodeLock } from '../host/node-lock.ts';
import { createHealth } from '../observe/health/health.ts';
import { createReadiness } from '../observe/health/readiness.ts';
import { createServiceChecks, type ServiceChecks } from '../observe/health/service-checks.ts';
import type { Log } from '../observe/logs/log.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import { createTransactionHistory } from '../observe/pages/transactions.ts';
import type { ZpagesOptions } from '../observe/pages/zpages.ts';
import { createDebugPages } from './debug-pages.ts';
import { createFollower, syncHealthChecks } from './followers.ts';
import type { Inbox } from './inbox.ts';
import { live } from './life.ts';
import { createLoop } from './loop.ts';
import type { OwnerNotice } from './owner-notice.ts';
import { logProgress, tellPass, tellProof } from './progress.ts';
import { createSelfProof, proveEvery } from './self-proof.ts';
import { type ServersOptions, startServers } from './servers.ts';
import { followNodeAddresses } from './this-node/addresses.ts';
import { learnAddresses } from './this-node/host-facts.ts';
import { createNodeWait } from './this-node/node-wait.ts';

/** What the daemon is made of. */
export interface DaemonOptions extends Pick<ServersOptions, 'debug' | 'setVerbosity' | 'onFailedStart'> {
  readonly settings: ProxySettings;
  readonly config: NodeConfig;
  readonly kernels: readonly Kernel[];
  readonly source: ObjectSource;
  /** Takes what the source says. */
  readonly inbox: Inbox;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly about: Pick<ZpagesOptions, 'flags' | 'config' | 'version'>;
  /** Waits until no other daemon keeps this node; rejects with a StartError when that takes too long. */
  readonly takeLock: (options: Pick<LockOptions, 'signal' | 'onHeld'>) => Promise<NodeLock>;
  readonly tellOwner: (notice: OwnerNotice) => void;
  /** How often the rules in the kernel are proven; undefined: only when asked. */
  readonly verifyEveryMs: number | undefined;
  /** After the first turn that left nothing to be done. */
  readonly onFirstSuccess: () => void;
}

/** The running daemon. */
export interface Daemon {
  /** Resolves after `stop`. Rejects when a server has to listen and cannot, or for a bug of ours. */
  readonly ended: Promise<void>;
  /** Finishes the transaction under way. The rules stay. */
  stop(): void;
}

/** Starts everything; it runs until `stop`. */
export function startDaemon(options: DaemonOptions): Daemon {
  const { settings, config, kernels, source, inbox, metrics, log, about, onFirstSuccess } = options;
  const { syncPeriodMs, minSyncPeriodMs } = settings;
  const families = kernels.map(({ family }) => family);
  const stopping = new AbortController();
  const addresses = followNodeAddresses(families, stopping.signal);
  const localAddresses = addresses.of;
  const health = createHealth({ clock: systemClock, syncPeriodMs });
  const isHealthy = (): boolean => health.status().healthy;
  let rival: string | undefined;
  const missing = (): string | undefined => rival ?? missingObjects(inbox.missing(source.kinds));
  const readiness = createReadiness({ clock: systemClock, families, isHealthy, missing });
  const history = createTransactionHistory();
  const checks = serviceChecksOf(options, isHealthy);
  const conntrack = startConntrackReconciler({ onReport: (pass) => tellPass(pass, { log, metrics }) });
  const follow = createFollower({
    ...{ log, metrics, health, readiness, history, checks, conntrack, localAddresses, onFirstSuccess },
    onQuarantine: ({ namespace = '', name }, message) =>
      options.tellOwner({ reason: 'RulesRefused', namespace, name, message }),
    onConflict: options.tellOwner,
  });
  /** Before all objects are known nothing can be programmed, and so nothing is late. */
  const noteQueued = (): void => {
    if (inbox.missing(source.kinds).length > 0 || inbox.waiting().sinceMs === undefined) return;
    for (const family of families) health.queued(family);
  };
  const loop = createLoop({
    ...{ config, kernels, clock: systemClock, inbox, kinds: source.kinds, syncPeriodMs, minSyncPeriodMs },
    onTurn: (report, standing) => {
      follow(report, standing);
      // What came during the turn is not in the kernel, whatever the report of it says.
      noteQueued();
    },
    onProgress: (progress) => logProgress(progress, log),
  });
  const { standing } = loop;
  inbox.onNews(noteQueued);
  learnAddresses(inbox, addresses);
  addresses.onChange(() => syncHealthChecks({ checks, localAddresses }, standing()));
  const selfProof = createSelfProof({
    ...{ standing, localAddresses },
    onProof: (proof) => tellProof(proof, { log, metrics }),
  });
  if (options.verifyEveryMs !== undefined) proveEvery(options.verifyEveryMs, selfProof, stopping.signal);
  const routes = createDebugPages({ config, standing, localAddresses, selfProof });
  const { mode, nodeName } = config;
  const { debug, setVerbosity, onFailedStart } = options;
  const servers = startServers({
    ...{ settings, log, health, readiness, metrics, history, about, mode, nodeName, routes, standing },
    ...{ debug, setVerbosity, onFailedStart },
  });
  const takeLock = async (signal: AbortSignal): Promise<NodeLock> => {
    const onHeld = (who: string): void => {
      rival = `${who} keeps the rules of this node`;
      log.warn('Waiting for the lock of this node', { holder: who });
    };
    const lock = await options.takeLock({ signal, onHeld });
    rival = undefined;
    return lock;
  };
  return live({
    ...{ takeLock, loop, source, failed: servers.failed },
    createNodeWait: () => createNodeWait({ config, families, inbox: inbox.sink, setEligible: health.setNodeEligible }),
    close: () => {
      stopping.abort();
      return Promise.allSettled([servers.close(), checks.close(), conntrack.stop()]);
    },
  });
}

function missingObjects(kinds: readonly ObjectKind[]): string | undefined {
  return kinds.length === 0 ? undefined : `not yet known: all objects of kind ${kinds.join(', ')}`;
}

function serviceChecksOf({ log, tellOwner }: DaemonOptions, isHealthy: () => boolean): ServiceChecks {
  return createServiceChecks({
    isHealthy,
    onProblem: ({ namespace, name }, message) => {
      log.error('The health check of a load balancer cannot be served', { service: `${namespace}/${name}`, message });
      tellOwner({ reason: 'FailedToStartServiceHealthcheck', namespace, name, message });
    },
    onFailure: (path, error) =>
      log.error('A health check could not be answered: a bug', { path, error: String(error) }),
  });
}
