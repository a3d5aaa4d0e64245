/** Removes the rules of every mode from this machine: ours, kube-proxy's, or both. */

import {
  isOnlyKubeProxys,
  isOnlyRulewrights,
  isProxyChain,
  isRulewrights,
  sharedChains,
} from '../core/iptables/chain-owners.ts';
import { printTransaction } from '../core/iptables/diff/print.ts';
import { parseRuleset } from '../core/iptables/listing/parse.ts';
import { type Removal, removeProxyRules } from '../core/iptables/removal.ts';
import type { IptablesRuleset } from '../core/iptables/ruleset.ts';
import { type IpFamily, ipFamilies } from '../core/model/address.ts';
import type { ParsedRuleset } from '../core/model/parsed-ruleset.ts';
import { type ChainByChain, hidesTables, readChainByChain, saveTimeoutMs } from './iptables/chain-by-chain.ts';
import type { IptablesVariant } from './iptables/tools.ts';
import { KernelError } from './kernel.ts';
import { type CommandOutcome, describeAbsence, isSuccess, type RunCommand } from './run-command.ts';

/**
 * Whose rules are removed. kube-proxy's are those of its iptables and nftables modes, and the chains of its ipvs mode;
 * the virtual servers and ipsets of ipvs mode stay.
 */
export type CleanupScope = 'ours' | 'kubeProxys' | 'all';

export interface CleanupOptions {
  readonly run: RunCommand;
  readonly whose: CleanupScope;
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
async function cleanNftables({ run, whose, dryRun, keep }: CleanupOptions): Promise<CleanupReport | undefined> {
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
  const wanted = tables.filter(({ isOurs }) =>
    isOurs ? whose !== 'kubeProxys' && keep?.mode !== 'nftables' : whose !== 'ours',
  );
  for (const { name } of wanted) {
    const problem = dryRun ? undefined : failureOf(await run('nft', ['delete', 'table', ...name.split(' ')]));
    if (problem === undefined || /No such file or directory/.test(problem.problem)) names.push(name);
    else failures.push({ place, ...problem });
  }
  return {
    removed: names.length === 0 ? [] : [{ place, kind: 'tables', names, jumps: 0 }],
    left: tables
      .filter(({ isOurs }) => !isOurs && whose === 'ours')
      .map(({ name }) => ({ place, name: `table ${name}`, why: ofKubeProxy })),
    failed: failures,
  };
}

const ofKubeProxy = 'kube-proxy made it; cleanup --kube-proxy removes it';

const ofOurs = 'ours, under a name that kube-proxy uses too; cleanup without --kube-proxy removes it';

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
  const saved = await saveEverything(options.run, place, { suffix, family });
  if (saved === undefined || 'failed' in saved) return saved;
  const hidden = saved.unreadable.map((name) => ({ place, name, why: 'made by nft: iptables cannot show it' }));
  const removal = removalOf(parseRuleset(family, saved.text), options.whose);
  const report = reportOf(place, removal);
  const done: CleanupReport = { ...report, left: [...report.left, ...hidden] };
  const text = printTransaction(removal.transaction);
  if (text === '' || options.dryRun) return done;
  const problem = failureOf(await options.run(`${place}-restore`, ['--noflush', '--wait', '60'], { input: text }));
  return problem === undefined ? done : failed(place, problem);
}

/** Undefined where the tool is missing; a report of the failure where there is one. */
async function saveEverything(
  run: RunCommand,
  place: string,
  { suffix, family }: { readonly suffix: string; readonly family: IpFamily },
): Promise<ChainByChain | CleanupReport | undefined> {
  const saved = await run(`${place}-save`, []);
  if (saved.kind === 'missing') return undefined;
  if (hidesTables(saved)) {
    try {
      const tools = { variant: 'nft', isNamed: suffix !== '' } as const;
      return await readChainByChain({ run, tools, family, isWanted: () => true, timeoutMs: saveTimeoutMs });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return failed(place, { problem: error.message, remedy: 'delete the rules that nft made in this table' });
    }
  }
  const failure = failureOf(saved);
  if (failure !== undefined || saved.kind !== 'exited') return failed(place, failure);
  return { text: saved.stdout, unreadable: [] };
}

/**
 * rulewright and kube-proxy use the same names: the marker tells whose the chains are. Then only those of the other
 * program go that it alone makes.
 */
function removalOf(parsed: ParsedRuleset<IptablesRuleset>, whose: CleanupScope): Removal {
  const isOurs = isRulewrights(parsed.ruleset);
  if (whose === 'all' || (whose === 'ours' && isOurs)) return removeProxyRules(parsed);
  const isRemoved = (chain: string): boolean => {
    if (isOurs) return isOnlyKubeProxys(chain);
    return isProxyChain(chain) && isOnlyRulewrights(chain) === (whose === 'ours');
  };
  const removal = removeProxyRules(parsed, isRemoved);
  const isLeft = (chain: string): boolean =>
    isProxyChain(chain) && !isRemoved(chain) && (isOurs || !sharedChains.has(chain));
  const left = parsed.ruleset.tables.flatMap(({ name: table, chains }) =>
    chains
      .filter(({ name }) => isLeft(name))
      .map(({ name }) => ({ table, chain: name, why: whose === 'ours' ? ofKubeProxy : ofOurs })),
  );
  return { ...removal, left: [...removal.left, ...left] };
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
