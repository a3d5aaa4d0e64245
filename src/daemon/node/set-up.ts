/** What a node needs besides rules: the kernel's settings, and no rules of another mode. */
import type { ProxySettings } from '../../configuration/settings.ts';
import type { NodeConfig } from '../../core/model/config.ts';
import { familyContext } from '../../core/plan/context.ts';
import { cleanUp } from '../../host/cleanup.ts';
import type { IptablesVariant } from '../../host/iptables/tools.ts';
import { loadConntrack } from '../../host/load-conntrack.ts';
import { applyNodeSettings, type SettingResult } from '../../host/node-settings.ts';
import { runSlowCommand } from '../../host/run-command.ts';
import type { Log } from '../../observe/logs/log.ts';

/**
 * Applies the kernel's settings: all that --init-only does. Failures are logged; false when one of them is a sysctl,
 * which kube-proxy ends with.
 */
export async function setUpNode(settings: ProxySettings, config: NodeConfig, log: Log): Promise<boolean> {
  let results = await applySettings(settings, config);
  if (results.some(({ outcome }) => outcome.kind === 'failed' && outcome.code === 'ENOENT')) {
    await loadConntrack();
    results = await applySettings(settings, config);
  }
  logResults(results, log);
  return results.every(({ name, outcome }) => outcome.kind !== 'failed' || !name.startsWith('net.'));
}

/** What is known once the rules stand. */
export interface FinishOptions {
  readonly settings: ProxySettings;
  readonly config: NodeConfig;
  /** Of iptables; undefined in nftables mode. */
  readonly variant: IptablesVariant | undefined;
  readonly log: Log;
}

/** What can wait until every Service is programmed. */
export async function finishSetUp({ settings, config, variant, log }: FinishOptions): Promise<void> {
  // Loading the rules has loaded the kernel's conntrack, whose settings may not have been there before.
  const results = await applySettings(settings, config);
  logResults(
    results.filter(({ outcome }) => outcome.kind === 'set'),
    log,
  );
  const keep = variant === undefined ? ({ mode: 'nftables' } as const) : ({ mode: 'iptables', variant } as const);
  const { removed, failed } = await cleanUp({ run: runSlowCommand, whose: 'ours', dryRun: false, keep });
  for (const { place, names } of removed) log.info('Removed rules of another mode', { place, count: names.length });
  for (const { place, problem, remedy } of failed)
    log.warn('Rules of another mode may remain', { place, problem, remedy });
}

function applySettings(
  { conntrack, oomScoreAdj }: ProxySettings,
  config: NodeConfig,
): Promise<readonly SettingResult[]> {
  const routeLocalnet = familyContext(config, undefined, 'IPv4').protectLoopback;
  return applyNodeSettings({ conntrack, oomScoreAdj, routeLocalnet });
}

function logResults(results: readonly SettingResult[], log: Log): void {
  for (const { name, wanted, was, outcome } of results) {
    if (outcome.kind === 'set') log.info('Set', { name, to: wanted, was });
    if (outcome.kind === 'failed') log.warn(outcome.problem, { remedy: outcome.remedy });
  }
}
