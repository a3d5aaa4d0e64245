/**
 * The output of iptables-save in pieces: the lines of each chain, unread. A node has tens of thousands of chains, and
 * laying their text beside the text that was sent costs a tenth of reading it.
 */
import type { IpFamily } from '../model/address.ts';
import type { ParsedRuleset } from '../model/parsed-ruleset.ts';
import { isTableName } from './options.ts';
import { parseRuleset } from './parse.ts';
import type { Ruleset, TableName } from './ruleset.ts';

/** By table and chain: the lines `-A CHAIN …`, each with its end. Empty for a chain without rules. */
export type SavedChains = ReadonlyMap<TableName, ReadonlyMap<string, string>>;

/** Takes the output apart. What is neither a table, a chain nor a rule is passed over, as are tables we do not know. */
export function splitSaved(text: string): SavedChains {
  const saved = new Map<TableName, Map<string, string>>();
  let chains = new Map<string, string>();
  for (let start = 0; start < text.length; ) {
    const end = endOfLine(text, start);
    const first = text[start];
    if (first === '*') {
      const name = text.slice(start + 1, end).trim();
      chains = new Map();
      if (isTableName(name)) saved.set(name, chains);
    } else if (first === ':') {
      chains.set(text.slice(start + 1, text.indexOf(' ', start)), '');
    } else if (text.startsWith('-A ', start)) {
      const append = text.slice(start, text.indexOf(' ', start + 3) + 1);
      const next = endOfRun(text, end, append);
      const name = append.slice(3, -1);
      chains.set(name, (chains.get(name) ?? '') + text.slice(start, next));
      start = next;
      continue;
    }
    start = end;
  }
  return saved;
}

/** Just behind the line's end. */
function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end + 1;
}

/** Behind all lines that begin like this. */
function endOfRun(text: string, start: number, beginning: string): number {
  let end = start;
  while (text.startsWith(beginning, end)) end = endOfLine(text, end);
  return end;
}

/** Reads the chains that are picked. They may jump to any chain of their table. */
export function readSaved(
  family: IpFamily,
  saved: SavedChains,
  isPicked: (table: TableName, chain: string) => boolean,
): ParsedRuleset<Ruleset> {
  let text = '';
  for (const [table, chains] of saved) {
    text += `*${table}\n`;
    for (const name of chains.keys()) text += `:${name} - [0:0]\n`;
    for (const [name, rules] of chains) if (isPicked(table, name)) text += rules;
    text += 'COMMIT\n';
  }
  const { ruleset, problems } = parseRuleset(family, text);
  const tables = ruleset.tables.map(({ name, chains }) => ({
    name,
    chains: chains.filter((chain) => isPicked(name, chain.name)),
  }));
  return { ruleset: { family, tables }, problems };
}
