/**
 * The operations that lead from one state of a table to another, in one commit.
 *
 * 1. Chains that do not change, by identity or else by what their rules say, are not named.
 * 2. Chains that come or change are made or emptied first, so that every jump has where to go.
 * 3. Chains that go are emptied with them and deleted last: then no rule jumps to them any more.
 * 4. All programs share built-in chains. Only our rules in them are deleted and inserted, and inserted at the
 *    top, as kube-proxy does: they come before foreign rules, and among themselves in the order of the ruleset.
 */
import type { IpFamily } from '../../model/address.ts';
import { compareByName } from '../../structures/named-difference.ts';
import { sharedChains } from '../chain-owners.ts';
import { builtInChains } from '../options.ts';
import { printRule } from '../print/print.ts';
import type { IptablesChain, IptablesRule, Table, TableName } from '../ruleset.ts';
import { fillChains } from './layers.ts';
import type { IptablesOperation } from './operations.ts';

/** A table that is absent is one in which nothing is ours. */
export interface TableChange {
  readonly family: IpFamily;
  readonly table: TableName;
  readonly last: Table | undefined;
  readonly wanted: Table | undefined;
}

/** Empty when the two say the same. The policy of a built-in chain is never touched. */
export function diffTable({ family, table, last, wanted }: TableChange): readonly IptablesOperation[] {
  const change = compareByName(last?.chains ?? [], wanted?.chains ?? [], {
    nameOf: ({ name }: IptablesChain) => name,
    isSame: (a, b) => isSameChain(a, b, family),
  });
  const isBuiltIn = ({ name }: IptablesChain): boolean => builtInChains[table].includes(name);
  const isOurs = (chain: IptablesChain): boolean => !isBuiltIn(chain);
  const changed = change.changed.filter(({ wanted: chain }) => isOurs(chain)).map(({ wanted: chain }) => chain);
  const added = change.added.filter(isOurs);
  const removed = change.removed.filter((chain) => isOurs(chain) && !sharedChains.has(chain.name));
  const jumps = [
    ...change.added.filter(isBuiltIn).map((chain) => diffJumps(family, { name: chain.name, rules: [] }, chain)),
    ...change.changed.filter((pair) => isBuiltIn(pair.wanted)).map((pair) => diffJumps(family, pair.last, pair.wanted)),
    ...change.removed.filter(isBuiltIn).map((chain) => diffJumps(family, chain, { name: chain.name, rules: [] })),
  ];
  return [
    ...fillChains({ added, changed, removed }),
    ...jumps.flat(),
    ...removed.map(({ name }): IptablesOperation => ({ kind: 'deleteChain', chain: name })),
  ];
}

/** Whether two chains of one name have the same rules. */
export function isSameChain(a: IptablesChain, b: IptablesChain, family: IpFamily): boolean {
  if (a.rules.length !== b.rules.length) return false;
  return a.rules.every((rule, i) => isSameRule(rule, b.rules[i], family));
}

function isSameRule(a: IptablesRule, b: IptablesRule | undefined, family: IpFamily): boolean {
  return a === b || (b !== undefined && ruleText(family, a) === ruleText(family, b));
}

/** What a rule says, whichever chain it is in. */
export function ruleText(family: IpFamily, rule: IptablesRule): string {
  return printRule(family, 'X', rule);
}

/**
 * Where foreign rules stand is not known, so there is only one sure place for a rule: the top. The rules that stay are
 * therefore an end of the wanted ones; those before them are inserted, from the last to the first.
 */
function diffJumps(family: IpFamily, last: IptablesChain, wanted: IptablesChain): readonly IptablesOperation[] {
  const isKept = keptRules(
    last.rules.map((rule) => ruleText(family, rule)),
    wanted.rules.map((rule) => ruleText(family, rule)),
  );
  const kept = isKept.filter(Boolean).length;
  const inserted = wanted.rules.slice(0, wanted.rules.length - kept).reverse();
  const chain = wanted.name;
  return [
    ...last.rules
      .filter((_, i) => isKept[i] !== true)
      .map((rule): IptablesOperation => ({ kind: 'deleteRule', chain, rule })),
    ...inserted.map((rule): IptablesOperation => ({ kind: 'insertRule', chain, rule })),
  ];
}

/**
 * Which rules stay, for each of `last`: the longest end of `wanted` that is there in this order. A rule that is there
 * twice is deleted by what it says, which may hit either: then none stays.
 */
function keptRules(last: readonly string[], wanted: readonly string[]): readonly boolean[] {
  const isKept = last.map(() => false);
  if (new Set(last).size < last.length) return isKept;
  let next = wanted.length - 1;
  for (let i = last.length - 1; i >= 0 && next >= 0; i -= 1) {
    if (last[i] !== wanted[next]) continue;
    isKept[i] = true;
    next -= 1;
  }
  return isKept;
}
