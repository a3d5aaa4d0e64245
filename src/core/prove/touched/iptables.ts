/** What changed between two iptables rulesets. */
import { builtInChains } from '../../iptables/options.ts';
import type { IptablesChain, IptablesRule, IptablesRuleset, Table } from '../../iptables/ruleset.ts';
import { inheritIndex, onlyDestination } from '../../trace/iptables/dispatch.ts';
import { inheritChains } from '../../trace/iptables/table-index.ts';
import { chainPart, recentList, type Touch, wholeChainPart } from '../../trace/witness.ts';

/** False if tables or built-in chains differ: then everything may have changed. */
export function touchedByIptables(before: IptablesRuleset, now: IptablesRuleset, touch: Touch): boolean {
  if (outlineOf(before) !== outlineOf(now)) return false;
  for (const table of now.tables) {
    const old = before.tables.find(({ name }) => name === table.name);
    if (old !== undefined && old !== table) touchedByTable(old, table, touch);
  }
  return true;
}

/** The parts of a ruleset that traces assume unchanged. */
function outlineOf({ family, tables }: IptablesRuleset): string {
  const outlines = tables.map(({ name, chains }) => {
    const roots = chains.filter((chain) => builtInChains[name].includes(chain.name));
    return [name, ...roots.map((chain) => `${chain.name} ${chain.policy}`)];
  });
  return JSON.stringify([family, outlines]);
}

/** Most chains keep their position: names are compared only between the equal chains at both ends. */
function touchedByTable(before: Table, now: Table, touch: Touch): void {
  const changes = new Map<string, IptablesChain | undefined>();
  const pair = (old: IptablesChain | undefined, chain: IptablesChain | undefined): void => {
    if (old === chain) return;
    const name = chain?.name ?? old?.name ?? '';
    changes.set(name, chain);
    touchedByChain(old ?? { name, rules: [] }, chain ?? { name, rules: [] }, now.name, touch);
  };
  const [old, chains] = [before.chains, now.chains];
  let [start, oldEnd, end] = [0, old.length, chains.length];
  while (start < oldEnd && start < end && old[start]?.name === chains[start]?.name) {
    pair(old[start], chains[start]);
    start += 1;
  }
  while (oldEnd > start && end > start && old[oldEnd - 1]?.name === chains[end - 1]?.name) {
    oldEnd -= 1;
    end -= 1;
    pair(old[oldEnd], chains[end]);
  }
  const left = new Map(old.slice(start, oldEnd).map((chain) => [chain.name, chain]));
  for (const chain of chains.slice(start, end)) {
    pair(left.get(chain.name), chain);
    left.delete(chain.name);
  }
  for (const gone of left.values()) pair(gone, undefined);
  inheritChains(before, now, changes);
}

function touchedByChain(old: IptablesChain, chain: IptablesChain, table: string, touch: Touch): void {
  const [before, now] = [old.rules, chain.rules];
  let [start, beforeEnd, end] = [0, before.length, now.length];
  while (start < beforeEnd && start < end && isSame(before[start], now[start])) start += 1;
  while (beforeEnd > start && end > start && isSame(before[beforeEnd - 1], now[end - 1])) {
    beforeEnd -= 1;
    end -= 1;
  }
  const changed = [...before.slice(start, beforeEnd), ...now.slice(start, end)];
  if (changed.length === 0) {
    inheritIndex(old, chain);
    return;
  }
  touch(wholeChainPart(chain.name, table));
  for (const rule of changed) {
    touch(onlyDestination(rule) ?? chainPart(chain.name, table));
    if (rule.match.recent !== undefined) touch(recentList(rule.match.recent.name));
  }
}

function isSame(a: IptablesRule | undefined, b: IptablesRule | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
