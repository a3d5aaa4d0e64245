/**
 * Reads what is ours in the output of iptables-save. A node has tens of thousands of chains, and comparing their text
 * with the text that was sent costs a tenth of parsing it, so the output is split first and parsed as far as needed.
 */
import type { IpFamily } from '../../model/address.ts';
import type { ParsedRuleset } from '../../model/parsed-ruleset.ts';
import { remember } from '../../structures/remember.ts';
import { isOurChain, mayJumpToOurs, type Ownership } from '../chain-owners.ts';
import { isTableName } from '../options.ts';
import { printRule, printRules } from '../print/print.ts';
import type { IptablesChain, IptablesRule, IptablesRuleset, Table, TableName } from '../ruleset.ts';
import { parseRuleset } from './parse.ts';
import { splitWords } from './tokens.ts';

/** By table and chain: the lines `-A CHAIN …`, each with its end. Empty for a chain without rules. */
export type SavedChains = ReadonlyMap<TableName, ReadonlyMap<string, string>>;

/** Splits the output by table and chain. Other lines, and unknown tables, are skipped. */
export function splitSaved(text: string): SavedChains {
  const saved = new Map<TableName, Map<string, string>>();
  let chains = new Map<string, string>();
  for (let start = 0; start < text.length; ) {
    let end = endOfLine(text, start);
    if (text[start] === '*') {
      const name = text.slice(start + 1, end).trim();
      chains = isTableName(name) ? remember(saved, name, () => new Map()) : new Map();
    } else if (text[start] === ':') {
      chains.set(wordAt(text, start + 1), '');
    } else if (text.startsWith('-A ', start)) {
      const name = wordAt(text, start + 3);
      const append = `-A ${name} `;
      while (text.startsWith(append, end)) end = endOfLine(text, end);
      chains.set(name, (chains.get(name) ?? '') + text.slice(start, end));
    }
    start = end;
  }
  return saved;
}

/** Up to the next space. */
function wordAt(text: string, start: number): string {
  const end = text.indexOf(' ', start);
  return end === -1 ? text.slice(start) : text.slice(start, end);
}

/** Just behind the line's end. */
function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end + 1;
}

export interface ReadOursOptions extends Ownership {
  /** What is believed to stand: a chain with the same text gets this value, without parsing. */
  readonly known?: IptablesRuleset | undefined;
}

/**
 * Reads our chains, and the jumps to them from built-in chains. A jump that another program such as kube-proxy wrote
 * with its words in another order keeps that order: it can only be deleted by the same words.
 */
export function readOurs(
  family: IpFamily,
  saved: SavedChains,
  options: ReadOursOptions,
): ParsedRuleset<IptablesRuleset> {
  const { known, ...ownership } = options;
  const same = new Map(
    [...saved].map(([table, chains]) => [table, sameChains(family, chains, tableOf(known, table))] as const),
  );
  const text = [...saved].map(([table, chains]) => {
    const headers = [...chains.keys()].map((name) => `:${name} - [0:0]\n`);
    const rules = [...chains].map(([name, lines]) => {
      if (mayJumpToOurs(table, name)) return jumpsToOurs(table, lines, ownership);
      return isOurChain(table, name, ownership) && same.get(table)?.has(name) !== true ? lines : '';
    });
    return `*${table}\n${headers.join('')}${rules.join('')}COMMIT\n`;
  });
  const { ruleset, problems } = parseRuleset(family, text.join(''));
  const tables = ruleset.tables.flatMap(({ name: table, chains }) => {
    const ours = chains.flatMap((chain): readonly IptablesChain[] => {
      if (isOurChain(table, chain.name, ownership)) return [same.get(table)?.get(chain.name) ?? chain];
      if (chain.rules.length === 0) return [];
      const lines = jumpsToOurs(table, saved.get(table)?.get(chain.name) ?? '', ownership).split('\n');
      return [{ name: chain.name, rules: chain.rules.map((rule, i) => asWritten(family, rule, lines[i] ?? '')) }];
    });
    return ours.length === 0 ? [] : [{ name: table, chains: ours }];
  });
  return { ruleset: { family, tables }, problems };
}

/**
 * `known`, with the chains of these names (`nat KUBE-SERVICES`) as `saved` has them, whether known or not; chains that
 * `saved` lacks are gone.
 */
export function readSome(
  saved: SavedChains,
  names: ReadonlySet<string>,
  { known, ...ownership }: Ownership & { readonly known: IptablesRuleset },
): ParsedRuleset<IptablesRuleset> {
  const { family } = known;
  const isAsked = (table: Table, { name }: IptablesChain): boolean => names.has(`${table.name} ${name}`);
  const asked = known.tables.map((table) => ({
    ...table,
    chains: table.chains.filter((chain) => isAsked(table, chain)),
  }));
  const { ruleset, problems } = readOurs(family, saved, { ...ownership, known: { family, tables: asked } });
  const tables = known.tables.map((table) => {
    const found = new Map(tableOf(ruleset, table.name).map((chain) => [chain.name, chain]));
    const chains = table.chains.flatMap((chain) => {
      const now = isAsked(table, chain) ? found.get(chain.name) : chain;
      found.delete(chain.name);
      return now ?? [];
    });
    return { ...table, chains: [...chains, ...found.values()] };
  });
  return { ruleset: { family, tables }, problems };
}

function tableOf(ruleset: IptablesRuleset | undefined, name: TableName): readonly IptablesChain[] {
  return ruleset?.tables.find((table) => table.name === name)?.chains ?? [];
}

/** The known chains whose text is the saved one. */
function sameChains(
  family: IpFamily,
  saved: ReadonlyMap<string, string>,
  known: readonly IptablesChain[],
): ReadonlyMap<string, IptablesChain> {
  return new Map(
    known.filter((chain) => saved.get(chain.name) === printRules(family, chain)).map((chain) => [chain.name, chain]),
  );
}

function jumpsToOurs(table: TableName, lines: string, ownership: Ownership): string {
  return lines
    .split('\n')
    .filter((line) => isOurChain(table, / -[jg] (\S+)$/.exec(line)?.[1] ?? '', ownership))
    .map((line) => `${line}\n`)
    .join('');
}

/** The rule; where it would be printed in another way, with the words of its line `-A CHAIN … -j CHAIN`. */
function asWritten(family: IpFamily, rule: IptablesRule, line: string): IptablesRule {
  const [append = '', chain = '', ...words] = splitWords(line) ?? [];
  if (append !== '-A' || rule.target === undefined || printRule(family, chain, rule) === line) return rule;
  return { match: { opaque: words.slice(0, -2) }, target: rule.target };
}
