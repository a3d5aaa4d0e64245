/** Removes the rules of every mode from this machine: ours, and kube-proxy's where that is asked for. */

import { hasProxyRules, isRulewrights } from '../core/iptables/chain-owners.ts';
import { printTransaction } from '../core/iptables/diff/print.ts';
import { parseRuleset } from '../core/iptables/listing/parse.ts';
import { type Removal, removeProxyRules } from '../core/iptables/removal.ts';
import { type IpFamily, ipFamilies } from '../core/model/address.ts';
import type { IptablesVariant } from './iptables/tools.ts';
import { type CommandOutcome, describeAbsence, isSuccess, type RunCommand } from './run-command.ts';

export interface CleanupOptions {
  readonly run: RunCommand;
  /** Also what kube-proxy has made, in iptables and in nftables mode. What its ipvs mode has made is left alone. */
  readonly kubeProxy: boolean;
  /** Only look. */
  readonly dryRun: boolean;
  /** The rules that stand and are to stay: a daemon that has changed its mode removes what the other mode left. */
  readonly keep?: { readonly mode: 'nftables' } | { readonly mode: 'iptables'; readonly variant: IptablesVariant };
}

export interface CleanupReport {
  /** With `dryRun`: what would be removed. */
  readonly removed: readonly RemovedRules[];
  /** What could be taken for ours, and why it is still there. */
  readonly left: readonly { readonly place: string; readonly name: string; readonly why: string }[];
  readonly failed: readonly CleanupFailure[];
}

export interface RemovedRules {
  /** `nftables`, `iptables-legacy, table nat`. */
  readonly place: string;
  /** Tables or chains. */
  readonly kind: 'tables' | 'chains';
  readonly names: readonly string[];
  /** Rules in chains of the kernel that led to them. */
  readonly jumps: number;
}

export interface CleanupFailure {
  readonly place: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Never rejects. A tool that is not installed has left no rules, and what is not there any more is no failure. */
export async function cleanUp(options: CleanupOptions): Promise<CleanupReport> {
  const attempts = [await cleanNftables(options)];
  for (const variant of await iptablesTools(options)) {
    for (const family of ipFamilies) attempts.push(await cleanIptables(options, variant, family));
  }
  const parts = attempts.filter((part) => part !== undefined);
  if (parts.length === 0) parts.push(failed('PATH', noTools));
  return {
    removed: parts.flatMap(({ removed }) => removed),
    left: parts.flatMap(({ left }) => left),
    failed: parts.flatMap(({ failed }) => failed),
  };
}

const noTools = { problem: 'there is neither nft nor iptables', remedy: 'install nftables, or iptables, or both' };

const nothing: CleanupReport = { removed: [], left: [], failed: [] };

/**
 * `nft list tables` of 1.0.6 fetches all elements of all tables, and begins anew at each commit meanwhile:
 * 1.2 s of a processor with 130,000 of them, without end while changes come. This shows each table too, in 4 ms.
 */
const listEveryTable = ['list', 'chains'];

/** Undefined, here and below, where the tool is missing. */
async function cleanNftables({ run, kubeProxy, dryRun, keep }: CleanupOptions): Promise<CleanupReport | undefined> {
  const place = 'nftables';
  const listed = await run('nft', listEveryTable);
  if (listed.kind === 'missing') return undefined;
  const failure = failureOf(listed);
  if (failure !== undefined || listed.kind !== 'exited') return failed(place, failure);
  const tables = [...listed.stdout.matchAll(/^table (ip6? (rulewright|kube-proxy)) \{$/gm)].map(
    ([, name = '', owner]) => ({ name, isOurs: owner === 'rulewright' }),
  );
  const names: string[] = [];
  const failures: CleanupFailure[] = [];
  const wanted = tables.filter(({ isOurs }) => (isOurs ? keep?.mode !== 'nftables' : kubeProxy));
  for (const { name } of wanted) {
    const problem = dryRun ? undefined : failureOf(await run('nft', ['delete', 'table', ...name.split(' ')]));
    if (problem === undefined || /No such file or directory/.test(problem.problem)) names.push(name);
    else failures.push({ place, ...problem });
  }
  return {
    removed: names.length === 0 ? [] : [{ place, kind: 'tables', names, jumps: 0 }],
    left: tables
      .filter(({ isOurs }) => !isOurs && !kubeProxy)
      .map(({ name }) => ({ place, name: `table ${name}`, why: ofKubeProxy })),
    failed: failures,
  };
}

const ofKubeProxy = "it is kube-proxy's; --kube-proxy removes it too";

/** By the names that Debian and its relatives have for them; elsewhere there may be one without a variant. */
async function iptablesTools({ run, keep }: CleanupOptions): Promise<readonly string[]> {
  const found: string[] = [];
  for (const variant of ['legacy', 'nft'] as const) {
    const outcome = await run(`iptables-${variant}-save`, ['--version']);
    if (outcome.kind !== 'missing') found.push(variant);
  }
  const tools = found.length === 0 ? [''] : found.map((variant) => `-${variant}`);
  return keep?.mode === 'iptables' ? tools.filter((tool) => tool !== '' && tool !== `-${keep.variant}`) : tools;
}

async function cleanIptables(
  options: CleanupOptions,
  suffix: string,
  family: IpFamily,
): Promise<CleanupReport | undefined> {
  const place = `${family === 'IPv4' ? 'iptables' : 'ip6tables'}${suffix}`;
  const saved = await options.run(`${place}-save`, []);
  if (saved.kind === 'missing') return undefined;
  const failure = failureOf(saved);
  if (failure !== undefined || saved.kind !== 'exited') return failed(place, failure);
  const parsed = parseRuleset(family, saved.stdout);
  if (!options.kubeProxy && !isRulewrights(parsed.ruleset)) {
    if (!hasProxyRules(parsed.ruleset)) return nothing;
    return { ...nothing, left: [{ place, name: 'the KUBE- chains', why: ofKubeProxy }] };
  }
  const removal = removeProxyRules(parsed);
  const text = printTransaction(removal.transaction);
  if (text === '' || options.dryRun) return reportOf(place, removal);
  const problem = failureOf(await options.run(`${place}-restore`, ['--noflush', '--wait', '60'], { input: text }));
  return problem === undefined ? reportOf(place, removal) : failed(place, problem);
}

function reportOf(place: string, { removed, left }: Removal): CleanupReport {
  return {
    removed: removed.map(({ table, chains, jumps }) => ({
      place: `${place}, table ${table}`,
      kind: 'chains',
      names: chains,
      jumps,
    })),
    left: left.map(({ table, chain, why }) => ({ place: `${place}, table ${table}`, name: `chain ${chain}`, why })),
    failed: [],
  };
}

function failed(place: string, failure: Omit<CleanupFailure, 'place'> | undefined): CleanupReport {
  return failure === undefined ? nothing : { ...nothing, failed: [{ place, ...failure }] };
}

function failureOf(outcome: CommandOutcome): Omit<CleanupFailure, 'place'> | undefined {
  if (isSuccess(outcome)) return undefined;
  if (outcome.kind === 'missing') return { problem: 'the program is not there', remedy: 'install it' };
  if (outcome.kind !== 'exited') return { problem: describeAbsence('the program', outcome), remedy: 'try again' };
  const said = outcome.stderr.split('\n').filter((line) => line.trim() !== '');
  if (/not permitted|permission denied|must be root/i.test(outcome.stderr)) {
    const remedy = 'run as root with the capability NET_ADMIN, for iptables-legacy also NET_RAW';
    return { problem: said[0] ?? '', remedy };
  }
  return {
    problem: said.slice(0, 3).join('; ') || `exit code ${outcome.exitCode}`,
    remedy: 'stop what changes these rules meanwhile, a service proxy above all, and try again',
  };
}
