/** `rulewright run` on a node: sets the kernel up, finds its tools, and runs the daemon until it is told to end. */
import { systemClock } from '../../clock.ts';
import type { ProxySettings } from '../../configuration/settings.ts';
import { ipFamilies } from '../../core/model/address.ts';
import type { NodeConfig } from '../../core/model/config.ts';
import type { ObjectSource } from '../../core/snapshot/source.ts';
import { folderSource } from '../../files/folder/source.ts';
import { chooseKernels, type KernelChoice } from '../../host/choose-kernels.ts';
import { readNfacct } from '../../host/iptables/nfacct.ts';
import { runCommand } from '../../host/run-command.ts';
import { type Cluster, connectToCluster } from '../../kubernetes/cluster.ts';
import { createClusterSource } from '../../kubernetes/cluster-source.ts';
import type { ClientObserver } from '../../kubernetes/connection/client-observer.ts';
import { ConnectError } from '../../kubernetes/connection/connect-error.ts';
import { createEventRecorder } from '../../kubernetes/events/recorder.ts';
import type { OwnedLog } from '../../observe/logs/log.ts';
import { createMetrics } from '../../observe/metrics/metrics.ts';
import { type DaemonOptions, startDaemon } from '../daemon.ts';
import { createInbox } from '../inbox.ts';
import { logProgress } from '../progress.ts';
import { StartError } from '../start-error.ts';
import { nodeConfigOf } from './config.ts';
import { failedStartEvent, noticeEvent, startEvent } from './events.ts';
import { finishSetUp, setUpNode } from './set-up.ts';

/** What `rulewright run` was told. */
export interface NodeOptions {
  readonly settings: ProxySettings;
  /** Folder that takes the API server's place. */
  readonly manifests: string | undefined;
  readonly about: DaemonOptions['about'];
  /** How often the rules in the kernel are proven; undefined: only when asked. */
  readonly verifyEveryMs: number | undefined;
  readonly debug: DaemonOptions['debug'];
  readonly log: OwnedLog;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Runs until the signal aborts; the rules stay. Rejects with a StartError where it cannot begin, or when a server has
 * to listen and cannot.
 */
export async function runNode(options: NodeOptions): Promise<void> {
  const { settings, about, log, signal, verifyEveryMs } = options;
  const asked = nodeConfigOf(settings);
  const { mode, nodeName } = asked;
  log.info('Starting', { version: about.version, mode, node: nodeName });
  await setUpNode(settings, asked, log);
  const { kernels, variant, nfacct } = await kernelsFor(asked, log);
  const config = { ...asked, nfacct: nfacct?.kind === 'able' };
  if (nfacct?.kind === 'unable') log.info('The rules count nothing with nfacct', { why: nfacct.why });
  const inbox = createInbox({ clock: systemClock, onProgress: (progress) => logProgress(progress, log) });
  const metrics = createMetrics({
    ...{ mode, version: about.version, families: kernels.map(({ family }) => family) },
    sources: {
      ...{ pendingChanges: inbox.waiting, lastQueuedAtMs: inbox.lastNewsAtMs, lostLogLines: log.lostLines },
      ...(config.nfacct ? { readNfacct: () => readNfacct(runCommand) } : {}),
    },
  });
  const observer = { answered: metrics.observeRequest, restarted: metrics.observeWatchRestart };
  const { source, cluster } = sourceFor(options, nodeName, observer);
  for (const remark of cluster?.remarks ?? []) logProgress(remark, log);
  const events = cluster && createEventRecorder(cluster, { instance: nodeName, warn: (why) => log.warn(why) });
  const daemon = startDaemon({
    ...{ settings, config, kernels, source, inbox, metrics, log, about, verifyEveryMs },
    ...{ debug: options.debug, setVerbosity: log.setVerbosity },
    onFailedStart: (server, problem) => events?.record(failedStartEvent(nodeName, server, problem)),
    tellOwner: (notice) => events?.record(noticeEvent(notice)),
    onFirstSuccess: () => {
      log.info('Every Service is programmed', { mode });
      events?.record(startEvent(config, about.version));
      finishSetUp({ settings, config, variant, log }).catch((error: unknown) =>
        log.error('What another mode may have left stays: a bug', { error: String(error) }),
      );
    },
  });
  const stop = (): void => {
    log.info('Stopping: the rules stay, a transaction under way is finished');
    daemon.stop();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop);
  try {
    await daemon.ended;
  } finally {
    await events?.stop();
  }
}

type Ready = Extract<KernelChoice, { kind: 'ready' }>;

async function kernelsFor({ mode, localhostNodePorts }: NodeConfig, log: OwnedLog): Promise<Ready> {
  const choice = await chooseKernels({ mode, families: ipFamilies, localhostNodePorts });
  if (choice.kind === 'unable') {
    const lines = choice.problems.map(({ problem, remedy }) => `${problem}: ${remedy}`);
    throw new StartError(`${mode} mode is not possible here: ${lines.join('; ')}`);
  }
  for (const note of choice.notes) log.info(note);
  return choice;
}

/** The folder of manifests where there is one, or else the API server. */
function sourceFor(
  { settings: { clientConnection }, manifests, about }: NodeOptions,
  nodeName: string,
  observer: ClientObserver,
): { readonly source: ObjectSource; readonly cluster?: Cluster } {
  if (manifests !== undefined) return { source: folderSource(manifests) };
  try {
    const cluster = connectToCluster({ ...clientConnection, userAgent: `rulewright/${about.version}`, observer });
    return { source: createClusterSource(cluster, nodeName), cluster };
  } catch (error) {
    if (error instanceof ConnectError) throw new StartError(error.message);
    throw error;
  }
}
