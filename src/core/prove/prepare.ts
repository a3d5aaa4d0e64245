/** Builds the indexes for traces in steps, so that the first trace is not slowed down by all of them. */
import { builtInChains } from '../iptables/options.ts';
import type { IptablesRuleset } from '../iptables/ruleset.ts';
import type { ForeignRule, ForeignRuleset } from '../nftables/listing/ruleset.ts';
import type { Key } from '../nftables/ruleset.ts';
import { findChain } from '../trace/iptables/table-index.ts';
import { searchOrder } from '../trace/nftables/lookup.ts';
import { findSet } from '../trace/nftables/ruleset-index.ts';
import { growTree } from '../trace/nftables/tree.ts';
import { indexPlan } from '../trace/plan/frontend-index.ts';
import type { Subject } from './subject.ts';

export function* prepare({ plan, rules }: Subject): Generator<void> {
  yield;
  indexPlan(plan);
  yield;
  if (rules.mode === 'nftables') yield* prepareSets(rules.ruleset);
  else yield* prepareChains(rules.ruleset);
}

function* prepareChains({ tables }: IptablesRuleset): Generator<void> {
  for (const table of tables) {
    for (const root of builtInChains[table.name]) findChain(table, root);
    yield;
  }
}

function* prepareSets(ruleset: ForeignRuleset): Generator<void> {
  for (const { rules } of ruleset.chains) {
    for (const { name, key } of rules.flatMap(lookUpsOf)) {
      const set = findSet(ruleset, name);
      if (set === undefined) continue;
      yield* growTree(set, searchOrder(key));
    }
  }
}

function lookUpsOf({ matches, statements }: ForeignRule): readonly { readonly name: string; readonly key: Key }[] {
  return [
    ...matches.flatMap((match) => (match.kind === 'in' ? [{ name: match.set, key: match.key }] : [])),
    ...statements.flatMap((statement) =>
      statement.kind === 'verdictMap' || statement.kind === 'dnatMap'
        ? [{ name: statement.map, key: statement.key }]
        : [],
    ),
  ];
}
