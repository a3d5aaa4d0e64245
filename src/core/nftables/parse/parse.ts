/**
 * Text to rulesets: reads what `nft list table ip rulewright` prints, with or without handles and counters, and our own
 * scripts. `parseRuleset(family, printRuleset(ruleset))` gives the same ruleset in the sense of `sameRuleset`.
 */
import type { IpFamily } from '../../model/address.ts';
import type { ParsedRuleset, ParseProblem } from '../../model/parsed-ruleset.ts';
import { withoutHandle } from '../listing/tokens.ts';
import type { NamedSet, NftablesChain, NftablesHook, NftablesRule, NftablesRuleset } from '../ruleset.ts';
import { addressWords, isName, tableName } from '../words.ts';
import { takeElements } from './elements.ts';
import { parseRule } from './rule.ts';
import { finishSet, type OpenSet, takeSetLine } from './set.ts';

/**
 * Reads a ruleset. Never throws: a line that makes no sense becomes a problem, and the others are read anyway. All
 * elements of a set are in one group whose owner is '': the kernel knows no owners. Elements that were learned from
 * packets (`expires`) are left out.
 */
export function parseRuleset(family: IpFamily, text: string): ParsedRuleset<NftablesRuleset> {
  const lines = text.split('\n');
  const reader: Reader = { family, lines, at: 0, open: { kind: 'none' }, sets: [], chains: [], problems: [] };
  while (reader.at < lines.length) {
    const { at } = reader;
    const line = withoutHandle(lines[at] ?? '');
    reader.at += 1;
    const problem = line === '' || line.startsWith('#') ? undefined : takeLine(reader, line);
    if (problem !== undefined) reader.problems.push({ line: at + 1, text: line, problem });
  }
  if (reader.open.kind !== 'none') {
    reader.problems.push({ line: lines.length, text: '', problem: `${reader.open.kind} without its closing brace` });
  }
  const { sets, chains, problems } = reader;
  return { ruleset: { family, sets, chains }, problems };
}

interface Reader {
  readonly family: IpFamily;
  readonly lines: readonly string[];
  /** The line that comes next, from 0. */
  at: number;
  open: Open;
  readonly sets: NamedSet[];
  readonly chains: NftablesChain[];
  readonly problems: ParseProblem[];
}

/** The block that the next line is in. A chain's and set's are in the table's. */
type Open =
  | { readonly kind: 'none' | 'table' }
  /** Of others, up to a closing brace at the start of a line. */
  | { readonly kind: 'foreign table' }
  /** Of no kind that we have, within our table. */
  | { readonly kind: 'foreign block' }
  | { readonly kind: 'chain'; readonly chain: OpenChain }
  | { readonly kind: 'set'; readonly set: OpenSet };

interface OpenChain {
  readonly name: string;
  hook?: NftablesHook;
  readonly rules: NftablesRule[];
}

/** What is wrong, or undefined. */
type Problem = string | undefined;

function takeLine(reader: Reader, line: string): Problem {
  const { open, family } = reader;
  switch (open.kind) {
    case 'none':
      return takeTopLine(reader, line);
    case 'foreign table':
      if (reader.lines[reader.at - 1]?.startsWith('}') === true) reader.open = { kind: 'none' };
      return undefined;
    case 'foreign block':
      if (line === '}') reader.open = { kind: 'table' };
      return undefined;
    case 'table':
      return takeTableLine(reader, line);
    case 'chain':
      return line === '}' ? closeChain(reader, open.chain) : takeChainLine(open.chain, family, line);
    case 'set':
      if (line === '}') return closeSet(reader, open.set);
      return line.startsWith('elements = {') ? takeElementLines(reader, open.set) : takeSetLine(open.set, family, line);
    default:
      return open satisfies never;
  }
}

function takeTopLine(reader: Reader, line: string): Problem {
  const table = `table ${addressWords[reader.family]} ${tableName}`;
  if (line === `add ${table}` || line === `delete ${table}`) return undefined;
  if (line === `${table} {`) {
    reader.open = { kind: 'table' };
    return undefined;
  }
  if (/^table .*\{$/.test(line)) reader.open = { kind: 'foreign table' };
  return `not ${table}`;
}

function takeTableLine(reader: Reader, line: string): Problem {
  if (line === '}') {
    reader.open = { kind: 'none' };
    return undefined;
  }
  const [, kind, name = ''] = /^(chain|set|map) (\S+) \{$/.exec(line) ?? [];
  if (kind === undefined || !isName(name)) {
    if (line.endsWith('{')) reader.open = { kind: 'foreign block' };
    return `not a set, map or chain of ours: ${line}`;
  }
  reader.open =
    kind === 'chain'
      ? { kind, chain: { name, rules: [] } }
      : { kind: 'set', set: { name, isMap: kind === 'map', elements: [] } };
  return undefined;
}

function takeChainLine(chain: OpenChain, family: IpFamily, line: string): Problem {
  if (line.startsWith('type ')) {
    const hook = readHook(line);
    if (hook === undefined || chain.hook !== undefined) return `not understood: ${line}`;
    chain.hook = hook;
    return undefined;
  }
  const rule = parseRule(family, line);
  if (typeof rule === 'string') return rule;
  chain.rules.push(rule);
  return undefined;
}

const hookNames = 'prerouting|input|forward|output|postrouting';
const hookPattern = new RegExp(
  `^type (filter|nat) hook (${hookNames}) priority (\\S+)(?: ([+-]) (\\d{1,9}))?; policy accept;$`,
);

/** The names that nft 1.0.6 gives to priorities of the families ip and ip6. */
const priorities: ReadonlyMap<string, number> = new Map([
  ['raw', -300],
  ['mangle', -150],
  ['dstnat', -100],
  ['filter', 0],
  ['security', 50],
  ['srcnat', 100],
]);

/** `type nat hook output priority -100; policy accept;`. Undefined for what is not that. */
export function readHook(line: string): NftablesHook | undefined {
  const [, type, hook, word = '', sign, distance] = hookPattern.exec(line) ?? [];
  const from = priorities.get(word) ?? (/^-?\d{1,10}$/.test(word) ? Number(word) : undefined);
  if (type === undefined || hook === undefined || from === undefined) return undefined;
  const priority = from + (sign === '-' ? -1 : 1) * Number(distance ?? 0);
  return { type: type as NftablesHook['type'], hook: hook as NftablesHook['hook'], priority };
}

function closeChain(reader: Reader, { name, hook, rules }: OpenChain): Problem {
  reader.open = { kind: 'table' };
  reader.chains.push(hook === undefined ? { name, rules } : { name, hook, rules });
  return undefined;
}

function closeSet(reader: Reader, open: OpenSet): Problem {
  reader.open = { kind: 'table' };
  const set = finishSet(open);
  if (typeof set === 'string') return set;
  reader.sets.push(set);
  return undefined;
}

/** Elements go on over many lines, up to the closing brace. */
function takeElementLines(reader: Reader, set: OpenSet): Problem {
  const start = reader.at - 1;
  let end = start;
  while (end < reader.lines.length && reader.lines[end]?.trimEnd().endsWith('}') !== true) end += 1;
  if (end === reader.lines.length) return 'elements without their closing brace';
  reader.at = end + 1;
  const text = reader.lines.slice(start, end + 1).join(' ');
  const wrong = takeElements(set, reader.family, text.slice(text.indexOf('{') + 1, text.lastIndexOf('}')));
  return wrong.length === 0 ? undefined : `no elements of this set: ${wrong.slice(0, 5).join(', ')}`;
}
