/**
 * Reads the nft variant's tables chain by chain, where iptables-save cannot show them: it leaves out a table in which
 * one rule was made by nft and fits no iptables rule ("incompatible"), or ends in the middle of one (exit code 3). All
 * other chains can be listed, and iptables-restore changes all of them, so such a rule need not stop anything.
 */

import { possibleJumps } from '../../core/iptables/jumps.ts';
import { splitWords } from '../../core/iptables/listing/tokens.ts';
import { builtInChains, isTableName } from '../../core/iptables/options.ts';
import { printRule } from '../../core/iptables/print/print.ts';
import type { TableName } from '../../core/iptables/ruleset.ts';
import type { IpFamily } from '../../core/model/address.ts';
import { shorten } from '../apply-outcome.ts';
import { KernelError } from '../kernel.ts';
import { type CommandOutcome, describeAbsence, isSuccess, type RunCommand } from '../run-command.ts';
import { type IptablesTools, toolName } from './tools.ts';

export interface ChainByChain {
  /** As iptables-save would show the chains. */
  readonly text: string;
  /** Chains that no iptables tool can show, each with the rules in nft's words. */
  readonly unreadable: readonly string[];
}

export interface ChainByChainOptions {
  readonly run: RunCommand;
  readonly tools: Pick<IptablesTools, 'variant' | 'isNamed'>;
  readonly family: IpFamily;
  /** Which chains matter; built-in chains always do. */
  readonly isWanted: (table: TableName, chain: string) => boolean;
  readonly timeoutMs: number;
}

/** Whether iptables-save could not show a table, for a rule that it has no words for. */
export function hidesTables(saved: CommandOutcome): boolean {
  if (saved.kind !== 'exited') return false;
  if (saved.exitCode === 0) return /^# Table `\S+' is incompatible/m.test(saved.stdout);
  return saved.exitCode === 3 && saved.stderr.includes('Parsing nftables rule failed');
}

interface ChainName {
  readonly table: TableName;
  readonly chain: string;
}

/** For a node of 30,000 Services. */
export const saveTimeoutMs = 180_000;

/** More chains than this that cannot be shown are not a few rules of another program any more. */
const mostUnreadable = 64;

/** Rejects with a KernelError where nft, which knows the names of the chains, is missing or fails. */
export async function readChainByChain(options: ChainByChainOptions): Promise<ChainByChain> {
  const unreadable: string[] = [];
  let text = '';
  let pending = await chainNames(options);
  while (pending.length > 0) {
    const { shown, count } = await listInOneGo(options, pending);
    text += shown;
    const hidden = pending[count];
    if (hidden === undefined) break;
    const found = await describeHidden(options, hidden);
    if (found !== undefined) unreadable.push(found.words);
    text += found?.text ?? '';
    if (unreadable.length > mostUnreadable) throw new KernelError(`no iptables tool can show ${unreadable[0]}`);
    pending = pending.slice(count + 1);
  }
  return { text, unreadable };
}

const nftFamilies: Readonly<Record<IpFamily, 'ip' | 'ip6'>> = { IPv4: 'ip', IPv6: 'ip6' };

/** `nft list chains` shows names without fetching rules. */
async function chainNames(options: ChainByChainOptions): Promise<readonly ChainName[]> {
  const { run, family, isWanted, timeoutMs } = options;
  const args = ['list', 'chains', nftFamilies[family]];
  const outcome = await run('nft', args, { timeoutMs });
  if (outcome.kind !== 'exited') {
    throw new KernelError(`${describeAbsence('nft', outcome)}, and iptables-save cannot show rules that nft made`);
  }
  if (outcome.exitCode !== 0) throw new KernelError(`nft ${args.join(' ')}: ${shorten(outcome.stderr)}`);
  const names: ChainName[] = [];
  let table = '';
  for (const line of outcome.stdout.split('\n')) {
    const [, word, name = ''] = /^\s*(table ip6?|chain) (\S+) \{$/.exec(line) ?? [];
    if (word?.startsWith('table') === true) table = name;
    if (word !== 'chain' || !isTableName(table)) continue;
    if (builtInChains[table].includes(name) || isWanted(table, name)) names.push({ table, chain: name });
  }
  if (table === '') throw new KernelError(`iptables-save hides a table, and nft ${args.join(' ')} shows none`);
  return names;
}

/**
 * The chains from the first on, by one process: iptables-restore takes `-S` too, and commits nothing. It ends at the
 * first chain that it cannot show, before that or, with exit code 3, in the middle of it; `count` are before it.
 */
async function listInOneGo(
  { run, tools, family, timeoutMs }: ChainByChainOptions,
  names: readonly ChainName[],
): Promise<{ readonly shown: string; readonly count: number }> {
  const restore = toolName(tools, family, 'restore');
  const input = names.map(({ table, chain }, i) => {
    const isLast = names[i + 1]?.table !== table;
    return `${names[i - 1]?.table === table ? '' : `*${table}\n`}-S ${chain}\n${isLast ? 'COMMIT\n' : ''}`;
  });
  const outcome = await run(restore, ['--noflush'], { input: input.join(''), timeoutMs });
  if (outcome.kind !== 'exited') throw new KernelError(describeAbsence(restore, outcome));
  // Each chain begins with `-N CHAIN` or `-P CHAIN POLICY`.
  const parts = outcome.stdout.split(/^(?=-[NP] )/m).filter((part) => part !== '');
  const count = outcome.exitCode === 3 ? parts.length - 1 : parts.length;
  if (outcome.exitCode === 0 && count < names.length) {
    throw new KernelError(`${restore} lists ${count} of ${names.length} chains`);
  }
  const shown = parts.slice(0, Math.max(count, 0)).map((part, i) => {
    const [header = '', ...rules] = part.split('\n');
    const { table = '', chain = '' } = names[i] ?? {};
    if (header.split(' ')[1] !== chain) throw new KernelError(`${restore} lists ${header} for ${chain}`);
    return savedChain({ table, chain }, rules);
  });
  return { shown: shown.join(''), count: Math.max(count, 0) };
}

function savedChain(
  { table, chain }: { readonly table: string; readonly chain: string },
  rules: readonly string[],
): string {
  const lines = rules.filter((rule) => rule !== '');
  return [`*${table}`, `:${chain} - [0:0]`, ...lines, 'COMMIT', ''].join('\n');
}

/**
 * What can be known of a chain that no iptables tool shows: of a built-in one the jumps of service proxies, which
 * `iptables -C` finds; of another one that it has rules, and where they jump. Undefined where it is gone meanwhile.
 */
async function describeHidden(
  options: ChainByChainOptions,
  name: ChainName,
): Promise<{ readonly text: string; readonly words: string } | undefined> {
  const { run, family } = options;
  const { table, chain } = name;
  const listed = await run('nft', ['list', 'chain', nftFamilies[family], table, chain]);
  if (listed.kind !== 'exited' || !isSuccess(listed)) return undefined;
  const lines = listed.stdout.split('\n').map((line) => line.trim());
  const callees = lines.flatMap((line) => /\b(?:jump|goto) (\S+)/.exec(line)?.[1] ?? []);
  const rules = builtInChains[table].includes(chain)
    ? await jumpsIn(options, name, callees)
    : (callees.length === 0 ? [''] : callees.map((callee) => ` -j ${callee}`)).map(
        (target) => `-A ${chain} -m comment --comment "made by nft"${target}`,
      );
  // iptables gives each of its rules a counter.
  const made = lines.filter((line) => line !== '' && !/^(?:#|table|chain|type|\}|.*counter packets)/.test(line));
  const words = `chain ${chain} of table ${table}${made.length === 0 ? '' : `: ${shorten(made.join('\n'))}`}`;
  return { text: savedChain(name, rules), words };
}

async function jumpsIn(
  { run, tools, family }: ChainByChainOptions,
  { table, chain }: ChainName,
  callees: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const rule of possibleJumps(table, chain)) {
    if (rule.target === undefined || !('chain' in rule.target) || !callees.includes(rule.target.chain)) continue;
    const line = printRule(family, chain, rule);
    const [, ...words] = splitWords(line) ?? [];
    if (isSuccess(await run(toolName(tools, family), ['-t', table, '-C', ...words]))) found.push(line);
  }
  return found;
}
