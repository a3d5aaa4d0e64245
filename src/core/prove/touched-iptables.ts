/** What changed between two iptables rulesets. */
import { builtInChains } from '../iptables/options.ts';
import type { Chain, Rule, Ruleset, Table } from '../iptables/ruleset.ts';
import { onlyDestination } from '../trace/iptables-dispatch.ts';
import { chainPartNamed, recentList, wholeChainPart } from '../trace/witness.ts';
import type { Touch } from './touched.ts';

/** False when the rulesets have other tables or built-in chains: then all may be different. */
export function touchedByIptables(before: Ruleset, now: Ruleset, touch: Touch): boolean {
  if (outlineOf(before) !== outlineOf(now)) return false;
  for (const table of now.tables) {
    const old = before.tables.find(({ name }) => name === table.name);
    if (old !== undefined && old !== table) touchedByTable(old, table, touch);
  }
  return true;
}

/** The parts of a ruleset that traces take for granted. */
function outlineOf({ family, tables }: Ruleset): string {
  const outlines = tables.map(({ name, chains }) => {
    const roots = chains.filter((chain) => builtInChains[name].includes(chain.name));
    return [name, ...roots.map((chain) => `${chain.name} ${chain.policy}`)];
  });
  return JSON.stringify([family, outlines]);
}

function touchedByTable(before: Table, now: Table, touch: Touch): void {
  const old = new Map(before.chains.map((chain) => [chain.name, chain]));
  for (const chain of now.chains) {
    const known = old.get(chain.name);
    old.delete(chain.name);
    if (known !== chain) touchedByChain(known ?? { name: chain.name, rules: [] }, chain, now.name, touch);
  }
  for (const gone of old.values()) touchedByChain(gone, { name: gone.name, rules: [] }, now.name, touch);
}

function touchedByChain({ rules: before }: Chain, { name, rules: now }: Chain, table: string, touch: Touch): void {
  let [start, beforeEnd, end] = [0, before.length, now.length];
  while (start < beforeEnd && start < end && isSame(before[start], now[start])) start += 1;
  while (beforeEnd > start && end > start && isSame(before[beforeEnd - 1], now[end - 1])) {
    beforeEnd -= 1;
    end -= 1;
  }
  const changed = [...before.slice(start, beforeEnd), ...now.slice(start, end)];
  if (changed.length > 0) touch(wholeChainPart(name, table));
  for (const rule of changed) {
    touch(onlyDestination(rule) ?? chainPartNamed(name, table));
    if (rule.match.recent !== undefined) touch(recentList(rule.match.recent.name));
  }
}

function isSame(a: Rule | undefined, b: Rule | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
