/**
 * Text to rules: reads the output of iptables-save and the input of iptables-restore, of any origin. What rulewright
 * has no model for is kept as words. `parseRuleset(family, printRuleset(ruleset))` gives an equal ruleset.
 */
import type { IpFamily } from '../../model/address.ts';
import type { ParsedRuleset, ParseProblem } from '../../model/parsed-ruleset.ts';
import { builtInChains, isTableName } from '../options.ts';
import type { IptablesChain, IptablesRule, IptablesRuleset, TableName } from '../ruleset.ts';
import { isWord } from '../words.ts';
import { parseRule } from './rule.ts';
import { splitWords } from './tokens.ts';

/** Reads a ruleset. Never throws: an invalid line becomes a problem, and all other lines are read. */
export function parseRuleset(family: IpFamily, text: string): ParsedRuleset<IptablesRuleset> {
  const reader: Reader = { tables: new Map(), open: undefined, isSkipping: false, problems: [] };
  for (const [index, line] of text.split('\n').entries()) {
    const problem = takeLine(reader, line, index + 1);
    if (problem !== undefined) reader.problems.push({ line: index + 1, text: line, problem });
  }
  if (reader.open !== undefined) {
    const line = text.split('\n').length;
    reader.problems.push({ line, text: '', problem: `table ${reader.open.name} ends without COMMIT` });
  }
  const tables = [...reader.tables.values()].map((table) => finishTable(family, table, reader.problems));
  return { ruleset: { family, tables }, problems: reader.problems.sort((a, b) => a.line - b.line) };
}

interface Reader {
  readonly tables: Map<TableName, OpenTable>;
  open: OpenTable | undefined;
  /** In a table that iptables does not have, up to its COMMIT. */
  isSkipping: boolean;
  readonly problems: ParseProblem[];
}

interface OpenTable {
  readonly name: TableName;
  readonly chains: Map<string, OpenChain>;
}

interface OpenChain {
  policy?: 'ACCEPT' | 'DROP';
  isDeclared: boolean;
  /** Read once all chains of the table are known: a word after `-j` may be a chain or a target. */
  readonly rules: { readonly line: number; readonly text: string; readonly words: readonly string[] }[];
}

/** What is wrong, or undefined. */
type Problem = string | undefined;

function takeLine(reader: Reader, text: string, line: number): Problem {
  if (text.startsWith('#') || text.trim() === '') return undefined;
  if (text.startsWith('*')) return openTable(reader, text.slice(1).trim());
  if (text.trim() === 'COMMIT') return closeTable(reader);
  if (reader.isSkipping) return undefined;
  const { open } = reader;
  if (open === undefined) return 'outside of any table';
  const words = splitWords(text);
  if (words === undefined) return 'a quote is not closed';
  if (text.startsWith(':')) return declareChain(open, [(words[0] ?? '').slice(1), ...words.slice(1)]);
  const isCounted = /^\[[0-9]+:[0-9]+\]$/.test(words[0] ?? '');
  const [command = '', name = '', ...rest] = isCounted ? words.slice(1) : words;
  switch (command) {
    case '-A':
    case '--append':
      return appendRule(open, name, { line, text, words: rest });
    case '-N':
    case '--new-chain':
      return rest.length > 0 ? `unexpected ${JSON.stringify(rest[0])}` : declareChain(open, [name, '-']);
    case '-P':
    case '--policy':
      return setPolicy(open, name, rest);
    default:
      return `not a command that states a rule: ${JSON.stringify(command)}`;
  }
}

function openTable(reader: Reader, name: string): Problem {
  const unclosed = reader.open === undefined ? undefined : `table ${reader.open.name} ends without COMMIT`;
  reader.isSkipping = !isTableName(name);
  reader.open = undefined;
  if (!isTableName(name)) return `not a table: ${JSON.stringify(name)}`;
  reader.open = reader.tables.get(name) ?? { name, chains: new Map() };
  reader.tables.set(name, reader.open);
  return unclosed;
}

function closeTable(reader: Reader): Problem {
  const isOpen = reader.open !== undefined || reader.isSkipping;
  reader.open = undefined;
  reader.isSkipping = false;
  return isOpen ? undefined : 'outside of any table';
}

/** `:NAME POLICY [packets:bytes]`, without the colon. The counters are not kept. */
function declareChain(table: OpenTable, [name = '', policy = '', counters, ...rest]: readonly string[]): Problem {
  if (!isWord('chain', name)) return `not the name of a chain: ${JSON.stringify(name)}`;
  if (policy !== '-' && policy !== 'ACCEPT' && policy !== 'DROP') return `not a policy: ${JSON.stringify(policy)}`;
  if (rest.length > 0 || (counters !== undefined && !/^\[[0-9]+:[0-9]+\]$/.test(counters))) return 'not a chain header';
  if (policy !== '-' && !builtInChains[table.name].includes(name)) return 'only a built-in chain has a policy';
  const chain = chainOf(table, name);
  if (chain.isDeclared) return `chain ${name} is declared twice`;
  chain.isDeclared = true;
  if (policy !== '-') chain.policy = policy;
  return undefined;
}

function setPolicy(table: OpenTable, name: string, rest: readonly string[]): Problem {
  if (!builtInChains[table.name].includes(name)) return 'only a built-in chain has a policy';
  const [policy, ...others] = rest;
  if ((policy !== 'ACCEPT' && policy !== 'DROP') || others.length > 0) return 'not a policy';
  chainOf(table, name).policy = policy;
  return undefined;
}

function appendRule(table: OpenTable, chain: string, rule: OpenChain['rules'][number]): Problem {
  if (!isWord('chain', chain)) return `not the name of a chain: ${JSON.stringify(chain)}`;
  chainOf(table, chain).rules.push(rule);
  return undefined;
}

/** Input for `iptables-restore --noflush` may use chains of the kernel without naming them first. */
function chainOf({ chains }: OpenTable, name: string): OpenChain {
  let chain = chains.get(name);
  if (chain === undefined) {
    chain = { isDeclared: false, rules: [] };
    chains.set(name, chain);
  }
  return chain;
}

function finishTable(family: IpFamily, table: OpenTable, problems: ParseProblem[]): IptablesRuleset['tables'][number] {
  const isChain = (name: string): boolean => table.chains.has(name);
  const chains = [...table.chains].map(([name, { policy, rules }]): IptablesChain => {
    const parsed = rules.flatMap(({ line, text, words }): readonly IptablesRule[] => {
      const rule = parseRule(family, words, isChain);
      if (typeof rule !== 'string') return [rule];
      problems.push({ line, text, problem: rule });
      return [];
    });
    return policy === undefined ? { name, rules: parsed } : { name, policy, rules: parsed };
  });
  return { name: table.name, chains };
}
