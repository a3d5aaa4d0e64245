/**
 * Looks up parts of a table by name, so that the cost of a trace depends on the rules it walks, not on the ruleset.
 */
import type { IptablesChain, IptablesTarget, Table } from '../../iptables/ruleset.ts';
import { memoize } from '../../structures/memoize.ts';

export type DnatTarget = Extract<IptablesTarget, { kind: 'dnat' }>;

const chainsOf = memoize((table: Table) => new Map(table.chains.map((chain) => [chain.name, chain])));

export function findChain(table: Table, name: string): IptablesChain | undefined {
  return chainsOf(table).get(name);
}

/**
 * Hands over the index of a table to one with mostly the same chains. The old table loses it; a later use of the old
 * table builds it again.
 */
export function inheritChains(from: Table, to: Table, changes: ReadonlyMap<string, IptablesChain | undefined>): void {
  chainsOf.inherit(from, to, (index) => {
    for (const [name, chain] of changes) {
      if (chain === undefined) index.delete(name);
      else index.set(name, chain);
    }
    return index;
  });
}

/** The endpoints that xt_recent remembers in this list: those of the rules that set it. */
export function endpointsOfList(table: Table, list: string): readonly DnatTarget[] {
  return listsOf(table).get(list) ?? [];
}

/** A rule that sets a list either rewrites the destination itself or leaves that to another rule of its chain. */
const listsOf = memoize((table: Table): ReadonlyMap<string, readonly DnatTarget[]> => {
  const index = new Map<string, readonly DnatTarget[]>();
  for (const { rules } of table.chains) {
    for (const { match, target } of rules) {
      if (match.recent?.operation !== 'set') continue;
      const found = isDnat(target) ? [target] : rules.map((rule) => rule.target).filter(isDnat);
      index.set(match.recent.name, [...(index.get(match.recent.name) ?? []), ...found]);
    }
  }
  return index;
});

function isDnat(target: IptablesTarget | undefined): target is DnatTarget {
  return target?.kind === 'dnat';
}
