/** A ruleset through the real tools and back. */
import { expect } from 'vitest';
import type { Namespace, Variant } from '../../../scripts/lab/network/tools.ts';
import { parseRuleset } from '../../../src/core/iptables/listing/parse.ts';
import { printRule, printRuleset } from '../../../src/core/iptables/print/print.ts';
import type { IptablesChain, IptablesRuleset } from '../../../src/core/iptables/ruleset.ts';

/** The chains by `table chain`: iptables-save sorts them and adds tables and policies that were there before. */
function chainsByName({ tables }: IptablesRuleset): ReadonlyMap<string, IptablesChain> {
  return new Map(tables.flatMap(({ name, chains }) => chains.map((chain) => [`${name} ${chain.name}`, chain])));
}

/** The lines `-A …` of a text by `table chain`. */
function ruleLines(text: string): ReadonlyMap<string, readonly string[]> {
  const lines = new Map<string, string[]>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    if (!line.startsWith('-A ')) continue;
    const key = `${table} ${line.split(' ')[1]}`;
    const ofChain = lines.get(key);
    if (ofChain === undefined) lines.set(key, [line]);
    else ofChain.push(line);
  }
  return lines;
}

/** Loads a ruleset over the one before and compares what the kernel then has, as values and as lines. */
export async function checkRoundTrip(namespace: Namespace, variant: Variant, ruleset: IptablesRuleset): Promise<void> {
  const { family } = ruleset;
  const text = printRuleset(ruleset);
  await namespace.restore(variant, family, text, { test: true });
  await namespace.restore(variant, family, text);
  const saved = await namespace.save(variant, family);
  const parsed = parseRuleset(family, saved);
  expect(parsed.problems).toStrictEqual([]);
  const [wanted, found, lines] = [chainsByName(ruleset), chainsByName(parsed.ruleset), ruleLines(saved)];
  for (const [key, chain] of wanted) {
    expect({ key, rules: found.get(key)?.rules }).toStrictEqual({ key, rules: chain.rules });
    if (chain.policy !== undefined)
      expect({ key, policy: found.get(key)?.policy }).toStrictEqual({ key, policy: chain.policy });
    expect(lines.get(key) ?? []).toStrictEqual(chain.rules.map((rule) => printRule(family, chain.name, rule)));
  }
  const tables = ruleset.tables.map(({ name }) => name);
  const inTables = [...found.keys()].filter((key) => tables.some((table) => key.startsWith(`${table} `)));
  expect(inTables.sort()).toStrictEqual([...wanted.keys()].sort());
}
