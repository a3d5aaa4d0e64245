/**
 * Finds things in a table by name, so that a trace costs as much as the rules it walks and not as the whole ruleset.
 */
import type { IptablesChain, IptablesTarget, Table } from '../../iptables/ruleset.ts';
import { remember } from '../../structures/remember.ts';

export type DnatTarget = Extract<IptablesTarget, { kind: 'dnat' }>;

const chainIndexes = new WeakMap<Table, Map<string, IptablesChain>>();
const listIndexes = new WeakMap<Table, ReadonlyMap<string, readonly DnatTarget[]>>();

export function findChain(table: Table, name: string): IptablesChain | undefined {
  return remember(chainIndexes, table, () => new Map(table.chains.map((chain) => [chain.name, chain]))).get(name);
}

/**
 * Gives a table the index of one that has most of its chains. The other one loses it, and would have it made anew if it
 * were asked again.
 */
export function inheritChains(from: Table, to: Table, changes: ReadonlyMap<string, IptablesChain | undefined>): void {
  const index = chainIndexes.get(from);
  if (index === undefined || from === to || chainIndexes.has(to)) return;
  chainIndexes.delete(from);
  for (const [name, chain] of changes) {
    if (chain === undefined) index.delete(name);
    else index.set(name, chain);
  }
  chainIndexes.set(to, index);
}

/** The endpoints that xt_recent remembers in this list: those of the rules that set it. */
export function endpointsOfList(table: Table, list: string): readonly DnatTarget[] {
  return remember(listIndexes, table, () => indexLists(table)).get(list) ?? [];
}

/** A rule that sets a list either rewrites the destination itself or leaves that to another rule of its chain. */
function indexLists(table: Table): ReadonlyMap<string, readonly DnatTarget[]> {
  const index = new Map<string, readonly DnatTarget[]>();
  for (const { rules } of table.chains) {
    for (const { match, target } of rules) {
      if (match.recent?.operation !== 'set') continue;
      const found = isDnat(target) ? [target] : rules.map((rule) => rule.target).filter(isDnat);
      index.set(match.recent.name, [...(index.get(match.recent.name) ?? []), ...found]);
    }
  }
  return index;
}

function isDnat(target: IptablesTarget | undefined): target is DnatTarget {
  return target?.kind === 'dnat';
}
