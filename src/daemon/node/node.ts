/** `rulewright run` on a node: sets the kernel up, finds its tools, and runs the daemon until somebody ends it. */
import { hostname } from 'node:os';
import type { ProxySettings } from '../../configuration/settings.ts';
import { type IpAddress, ipFamilies } from '../../core/model/address.ts';
import type { NodeConfig } from '../../core/model/config.ts';
import { familyContext } from '../../core/plan/context.ts';
import type { ObjectSource } from '../../core/snapshot/source.ts';
import { folderSource } from '../../files/folder/source.ts';
import { chooseKernels, type KernelChoice } from '../../host/choose-kernels.ts';
import { cleanUp } from '../../host/cleanup.ts';
import type { IptablesVariant } from '../../host/iptables/tools.ts';
import { applyNodeSettings, type SettingResult } from '../../host/node-settings.ts';
import { runSlowCommand } from '../../host/run-command.ts';
import { type Cluster, connectToCluster } from '../../kubernetes/cluster.ts';
import { createClusterSource } from '../../kubernetes/cluster-source.ts';
import type { ClientObserver } from '../../kubernetes/connection/client-observer.ts';
import { ConnectError } from '../../kubernetes/connection/connect-error.ts';
import { createEventRecorder } from '../../kubernetes/events/recorder.ts';
import type { OwnedLog } from '../../observe/logs/log.ts';
import { type DaemonOptions, type OwnerNotice, startDaemon } from '../daemon.ts';
import { StartError } from './start-error.ts';

export interface NodeOptions {
  readonly settings: ProxySettings;
  /** Folder that takes the API server's place. */
  readonly manifests: string | undefined;
  readonly about: DaemonOptions['about'];
  /** How often the rules in the kernel are proven; undefined: only when asked. */
  readonly verifyEveryMs: number | undefined;
  readonly log: OwnedLog;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Runs until the signal aborts; the rules stay. Rejects with a StartError where it cannot begin, or when a server has
 * to listen and cannot.
 */
export async function runNode(options: NodeOptions): Promise<void> {
  const { settings, about, log, signal } = options;
  const config = nodeConfigOf(settings);
  log.info('Starting', { version: about.version, mode: config.mode, node: config.nodeName });
  await setUpNode(settings, config, log);
  const { kernels, variant } = await kernelsFor(config, log);
  // Requests begin with the daemon, whose metrics count them.
  let count: ClientObserver | undefined;
  const { source, cluster } = sourceFor(options, config.nodeName, {
    answered: (request) => count?.answered(request),
    restarted: (resource, reason) => count?.restarted(resource, reason),
  });
  const events = cluster && createEventRecorder(cluster, { instance: config.nodeName, warn: (why) => log.warn(why) });
  const daemon = startDaemon({
    ...{ settings, config, kernels, source, log, about, verifyEveryMs: options.verifyEveryMs },
    tellOwner: (notice) => events?.record(eventOf(notice)),
    onFirstSuccess: () => {
      log.info('Every Service is programmed', { mode: config.mode });
      const note = `rulewright ${about.version} keeps the Services of this node, in ${config.mode} mode`;
      const regarding = { kind: 'Node', name: config.nodeName } as const;
      events?.record({ regarding, type: 'Normal', reason: 'Starting', action: 'StartKubeProxy', note });
      finishStart(variant, options, config).catch((error: unknown) =>
        log.error('What another mode may have left stays: a bug', { error: String(error) }),
      );
    },
  });
  const { metrics } = daemon;
  count = { answered: metrics.observeRequest, restarted: metrics.observeWatchRestart };
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

/** What can wait until every Service is programmed. */
async function finishStart(
  variant: IptablesVariant | undefined,
  { settings, log }: NodeOptions,
  config: NodeConfig,
): Promise<void> {
  // Loading the rules has loaded the kernel's conntrack, whose settings may not have been there before.
  const results = await applySettings(settings, config);
  tell(
    results.filter(({ outcome }) => outcome.kind === 'set'),
    log,
  );
  const keep = variant === undefined ? ({ mode: 'nftables' } as const) : ({ mode: 'iptables', variant } as const);
  const { removed, failed } = await cleanUp({ run: runSlowCommand, kubeProxy: false, dryRun: false, keep });
  for (const { place, names } of removed)
    log.info('Removed what another mode had left', { place, count: names.length });
  for (const { place, problem, remedy } of failed)
    log.warn('What another mode may have left stays', { place, problem, remedy });
}

/** What needs full privileges, which --init-only does alone. Nothing of it is worth not to start. */
export async function setUpNode(settings: ProxySettings, config: NodeConfig, log: OwnedLog): Promise<void> {
  tell(await applySettings(settings, config), log);
}

function applySettings(
  { conntrack, oomScoreAdj }: ProxySettings,
  config: NodeConfig,
): Promise<readonly SettingResult[]> {
  const routeLocalnet = familyContext(config, undefined, 'IPv4').protectLoopback;
  return applyNodeSettings({ conntrack, oomScoreAdj, routeLocalnet });
}

function tell(results: readonly SettingResult[], log: OwnedLog): void {
  for (const { name, wanted, was, outcome } of results) {
    if (outcome.kind === 'set') log.info('Set', { name, to: wanted, was });
    if (outcome.kind === 'failed') log.warn(outcome.problem, { remedy: outcome.remedy });
  }
}

export function nodeConfigOf(settings: ProxySettings): NodeConfig {
  const nodeName = settings.hostnameOverride ?? hostname().trim().toLowerCase();
  return { ...settings.node, nodeName, fallbackNodeIps: fallbackIps(settings.bindAddress) };
}

/** kube-proxy's: the address it is told to bind to is the node's, until a Node object says more. */
function fallbackIps(bindAddress: IpAddress): readonly IpAddress[] {
  return bindAddress === '0.0.0.0' || bindAddress === '::' ? [] : [bindAddress];
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

function eventOf({
  reason,
  namespace,
  name,
  message,
}: OwnerNotice): Parameters<ReturnType<typeof createEventRecorder>['record']>[0] {
  const action = reason === 'RulesRefused' ? 'Program' : 'Listen';
  return { regarding: { kind: 'Service', namespace, name }, type: 'Warning', reason, action, note: message };
}
