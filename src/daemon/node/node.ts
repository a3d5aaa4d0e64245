/** `rulewright run` on a node: sets the kernel up, finds its tools, and runs the daemon until it is told to end. */
import { systemClock } from '../../clock.ts';
import type { ProxySettings } from '../../configuration/settings.ts';
import { ipFamilies } from '../../core/model/address.ts';
import type { NodeConfig } from '../../core/model/config.ts';
import type { ObjectSource } from '../../core/snapshot/source.ts';
import type { Source } from '../../documents/source.ts';
import { folderSource } from '../../files/folder/source.ts';
import { chooseKernels, type KernelChoice } from '../../host/choose-kernels.ts';
import { readNfacct } from '../../host/iptables/nfacct.ts';
import type { Kernel } from '../../host/kernel.ts';
import { isIpv6Off } from '../../host/local-addresses.ts';
import { type NodeLock, NodeLockError, takeNodeLock } from '../../host/node-lock.ts';
import { isTcpLiberal } from '../../host/node-settings.ts';
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
import { checkFamilies } from '../this-node/check-families.ts';
import { learnApiEndpoints } from '../this-node/host-facts.ts';
import { nodeConfigOf } from './config.ts';
import { followConfigFile } from './config-file.ts';
import { failedStartEvent, noticeEvent, startEvent } from './events.ts';
import { finishSetUp, setUpNode } from './set-up.ts';
import { serveAnything } from './standing.ts';

/** What `rulewright run` was told. */
export interface NodeOptions {
  readonly settings: ProxySettings;
  /** The file of --config as it was read. */
  readonly configFile: Source | undefined;
  /** Folder that takes the API server's place. */
  readonly manifests: string | undefined;
  /** A folder without a Service is meant. */
  readonly allowEmpty: boolean;
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
  const { config, kernels, variant } = await prepareNode(options);
  const { mode, nodeName } = config;
  const inbox = createInbox({ clock: systemClock, onProgress: (progress) => logProgress(progress, log) });
  const metrics = createMetrics({
    ...{ mode, version: about.version, families: kernels.map(({ family }) => family) },
    sources: {
      ...{ pendingChanges: inbox.waiting, lastQueuedAtMs: inbox.lastNewsAtMs, lostLogLines: log.lostLines },
      ...(config.nfacct ? { readNfacct: () => readNfacct(runCommand) } : {}),
    },
  });
  if (options.configFile !== undefined) followConfigFile(options.configFile, { log, metrics, signal });
  const observer = {
    answered: metrics.observeRequest,
    restarted: metrics.observeWatchRestart,
    reached: learnApiEndpoints(inbox),
  };
  const { source, cluster } = sourceFor(options, kernels, nodeName, observer);
  for (const remark of cluster?.remarks ?? []) logProgress(remark, log);
  const events = cluster && createEventRecorder(cluster, { instance: nodeName, warn: (why) => log.warn(why) });
  const daemon = startDaemon({
    ...{ settings, config, kernels, source, inbox, metrics, log, about, verifyEveryMs },
    ...{ debug: options.debug, setVerbosity: log.setVerbosity },
    onFailedStart: (server, problem) => events?.record(failedStartEvent(nodeName, server, problem)),
    takeLock: (options) => lockNode(options, log),
    tellOwner: (notice) => events?.record(noticeEvent(notice)),
    onFirstSuccess: () => {
      log.info('Every Service is programmed', { mode });
      events?.record(startEvent(config, about.version));
      finishSetUp({ settings, config, variant, log }).catch((error: unknown) =>
        log.error('Rules of another mode could not be removed: a bug', { error: String(error) }),
      );
    },
  });
  const stop = (): void => {
    log.info('Stopping: rules stay in place; finishing the current transaction');
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

interface PreparedNode {
  readonly config: NodeConfig;
  readonly kernels: Ready['kernels'];
  readonly variant: Ready['variant'];
}

/** Sets the kernel up, and finds what the rules go by on this machine. */
async function prepareNode({ settings, about, log }: NodeOptions): Promise<PreparedNode> {
  const given = nodeConfigOf(settings);
  log.info('Starting', { version: about.version, mode: given.mode, node: given.nodeName });
  await setUpNode(settings, given, log);
  const liberal = { ...given, conntrackTcpBeLiberal: given.conntrackTcpBeLiberal || (await isTcpLiberal()) };
  const { kernels, variant, nfacct } = await kernelsFor(liberal, log);
  if (nfacct?.kind === 'unable') log.info('The rules count nothing with nfacct', { why: nfacct.why });
  const config = { ...liberal, nfacct: nfacct?.kind === 'able' };
  const found = checkFamilies(
    config,
    kernels.map(({ family }) => family),
  );
  if (found?.isFatal === true) throw new StartError(found.problem);
  if (found !== undefined) log.error(found.problem);
  return { config, kernels, variant };
}

/** A machine that allows no such socket has no lock, and its Services are programmed all the same. */
async function lockNode(options: Parameters<DaemonOptions['takeLock']>[0], log: OwnedLog): Promise<NodeLock> {
  try {
    return await takeNodeLock(options);
  } catch (error) {
    if (error instanceof NodeLockError) throw new StartError(error.message);
    options.signal.throwIfAborted();
    log.warn('The lock of this node cannot be taken: running without it', { problem: String(error) });
    return { release: () => Promise.resolve() };
  }
}

type Ready = Extract<KernelChoice, { kind: 'ready' }>;

async function kernelsFor({ mode, localhostNodePorts }: NodeConfig, log: OwnedLog): Promise<Ready> {
  const onUnreadable = (chains: readonly string[]): void =>
    log.warn('iptables cannot show rules that nft made in its tables; all other chains are read one by one', {
      chains,
    });
  const isSingle = await isIpv6Off();
  if (isSingle) log.info('IPv6 is disabled on this node: only IPv4 is programmed');
  const families = isSingle ? (['IPv4'] as const) : ipFamilies;
  const choice = await chooseKernels({ mode, families, localhostNodePorts, onUnreadable });
  if (choice.kind === 'unable') {
    const lines = choice.problems.map(({ problem, remedy }) => `${problem}: ${remedy}`);
    throw new StartError(`${mode} mode is not possible here: ${lines.join('; ')}`);
  }
  for (const note of choice.notes) log.info(note);
  return choice;
}

/** The folder of manifests where there is one, or else the API server. */
function sourceFor(
  { settings: { clientConnection }, manifests, allowEmpty, about }: NodeOptions,
  kernels: readonly Kernel[],
  nodeName: string,
  observer: ClientObserver,
): { readonly source: ObjectSource; readonly cluster?: Cluster } {
  if (manifests !== undefined) {
    return { source: folderSource(manifests, { allowEmpty, isServing: () => serveAnything(kernels) }) };
  }
  try {
    const cluster = connectToCluster({ ...clientConnection, userAgent: `rulewright/${about.version}`, observer });
    return { source: createClusterSource(cluster, nodeName), cluster };
  } catch (error) {
    if (error instanceof ConnectError) throw new StartError(error.message);
    throw error;
  }
}
