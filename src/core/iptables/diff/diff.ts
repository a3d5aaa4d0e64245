/**
 * From the ruleset that was applied last to the one that is wanted, as a transaction for `iptables-restore --noflush`.
 *
 * Each table commits on its own, and packets pass in between. A packet to a known frontend must never leave un-NATed:
 * whatever the nat table does not rewrite has to meet its refusal in the filter table. Refusals only match packets that
 * were not rewritten, so there may be too many of them for a moment, but never too few:
 *
 * 1. the filter table gets what it is to have, and keeps what it had;
 * 2. the nat table changes;
 * 3. the filter table loses what it no longer needs.
 *
 * A Service that loses its endpoints needs steps 1 and 2, one that gets its first ones steps 2 and 3; a step that has
 * nothing to do is left out. Where nat does not change, the filter table changes in one step.
 */
import type { IpFamily } from '../../model/address.ts';
import { compareByName } from '../../structures/named-difference.ts';
import { builtInChains } from '../options.ts';
import type { IptablesChain, IptablesRuleset, Table, TableName } from '../ruleset.ts';
import type { Commit, IptablesOperation, IptablesTransaction } from './operations.ts';
import { diffTable, isSameChain, ruleText, type TableChange } from './table.ts';

/**
 * Without `last`, all of `wanted` is put in; without `wanted`, all of `last` is taken out. What other programs have
 * in the tables is neither read nor touched. Throws when both are missing or of different families: a bug of ours.
 */
export function diffRulesets(
  last: IptablesRuleset | undefined,
  wanted: IptablesRuleset | undefined,
): IptablesTransaction {
  const { family } = last ?? wanted ?? { family: undefined };
  if (family === undefined) throw new Error('no ruleset to compare');
  if (wanted !== undefined && wanted.family !== family) throw new Error('rulesets of different families');
  const changes = tableNames(last, wanted).map(
    (table): TableChange => ({ family, table, last: tableOf(last, table), wanted: tableOf(wanted, table) }),
  );
  const rewriting = changes.filter(({ table }) => table === 'nat').flatMap(commitOf);
  const guards = changes.filter(({ table }) => table !== 'nat');
  if (rewriting.length === 0) return { family, commits: guards.flatMap(commitOf) };
  const steps = guards.map((change) => ({ change, between: betweenTable(change) }));
  return {
    family,
    commits: [
      ...steps.flatMap(({ change, between }) => commitOf({ ...change, wanted: between })),
      ...rewriting,
      ...steps.flatMap(({ change, between }) => commitOf({ ...change, last: between })),
    ],
  };
}

function tableNames(last: IptablesRuleset | undefined, wanted: IptablesRuleset | undefined): readonly TableName[] {
  return [...new Set([...(wanted?.tables ?? []), ...(last?.tables ?? [])].map(({ name }) => name))];
}

function tableOf(ruleset: IptablesRuleset | undefined, name: TableName): Table | undefined {
  return ruleset?.tables.find((table) => table.name === name);
}

function commitOf(change: TableChange): readonly Commit[] {
  const operations: readonly IptablesOperation[] = change.last === change.wanted ? [] : diffTable(change);
  return operations.length === 0 ? [] : [{ table: change.table, operations }];
}

/** The table with the rules of both: that of step 1. */
function betweenTable({ family, table: name, last, wanted }: TableChange): Table | undefined {
  if (last === undefined || wanted === undefined) return last ?? wanted;
  const { changed, removed } = compareByName(last.chains, wanted.chains, {
    nameOf: (chain: IptablesChain) => chain.name,
    isSame: (a, b) => isSameChain(a, b, family),
  });
  if (changed.length === 0 && removed.length === 0) return wanted;
  const united = new Map(
    changed.map((pair) => [pair.wanted, unite(family, pair, builtInChains[name].includes(pair.wanted.name))]),
  );
  return { name, chains: [...wanted.chains.map((chain) => united.get(chain) ?? chain), ...removed] };
}

/**
 * The rules of two chains in one. If one has all the rules of the other it is that one, so that the change to it, or
 * from it, is none. What goes stands last, except in a chain of the kernel, where new rules can only stand first.
 */
function unite(
  family: IpFamily,
  { last, wanted }: { readonly last: IptablesChain; readonly wanted: IptablesChain },
  isBuiltIn: boolean,
): IptablesChain {
  const [lastTexts, wantedTexts] = [last, wanted].map(
    ({ rules }) => new Set(rules.map((rule) => ruleText(family, rule))),
  );
  const onlyLast = last.rules.filter((rule) => wantedTexts?.has(ruleText(family, rule)) !== true);
  if (onlyLast.length === 0) return wanted;
  if (wanted.rules.every((rule) => lastTexts?.has(ruleText(family, rule)) === true)) return last;
  return { name: wanted.name, rules: isBuiltIn ? [...onlyLast, ...wanted.rules] : [...wanted.rules, ...onlyLast] };
}
