/**
 * Carries out a transaction on a ruleset as a value, by the rules of the kernel: it refuses what iptables-restore would
 * refuse. So a transaction can be tried without a kernel: `apply(diff(a, b), a)` says what `b` says.
 */

import type { Commit, IptablesOperation, IptablesTransaction } from '../../../../src/core/iptables/diff/operations.ts';
import { ruleText } from '../../../../src/core/iptables/diff/table.ts';
import { builtInChains } from '../../../../src/core/iptables/options.ts';
import type { IptablesChain, IptablesRule, IptablesRuleset, Table } from '../../../../src/core/iptables/ruleset.ts';
import type { IpFamily } from '../../../../src/core/model/address.ts';

/**
 * The ruleset afterwards; chains that were there stay in their places, new ones come last. A missing ruleset is one in
 * which there is nothing. Throws an Error that names the operation which cannot be carried out.
 */
export function applyTransaction(
  ruleset: IptablesRuleset | undefined,
  { family, commits }: IptablesTransaction,
): IptablesRuleset {
  return commits.reduce(applyCommit, ruleset ?? { family, tables: [] });
}

/** The ruleset after one more commit. */
export function applyCommit({ family, tables }: IptablesRuleset, { table: name, operations }: Commit): IptablesRuleset {
  const before = tables.find((table) => table.name === name);
  const builtIn = builtInChains[name];
  const chains = new Map<string, readonly IptablesRule[]>(builtIn.map((chain) => [chain, []]));
  for (const chain of before?.chains ?? []) chains.set(chain.name, chain.rules);
  for (const operation of operations) {
    const problem = applyOperation(chains, operation, { family, builtIn });
    if (problem !== undefined) throw new Error(`${name}: ${operation.kind} ${operation.chain}: ${problem}`);
  }
  const table = finishTable(before, name, chains);
  return { family, tables: before === undefined ? [...tables, table] : tables.map((t) => (t === before ? table : t)) };
}

interface Place {
  readonly family: IpFamily;
  readonly builtIn: readonly string[];
}

/** What is wrong, or undefined when it was done. */
function applyOperation(
  chains: Map<string, readonly IptablesRule[]>,
  operation: IptablesOperation,
  place: Place,
): string | undefined {
  const name = operation.chain;
  const rules = chains.get(name) ?? (operation.kind === 'addChain' ? [] : undefined);
  if (rules === undefined) return 'no such chain';
  switch (operation.kind) {
    case 'addChain':
    case 'flushChain':
      if (place.builtIn.includes(name)) return 'a chain of the kernel';
      chains.set(name, []);
      return undefined;
    case 'appendRules':
      chains.set(name, [...rules, ...operation.rules]);
      return operation.rules.map((rule) => problemOfTarget(rule, chains)).find((problem) => problem !== undefined);
    case 'insertRule':
      chains.set(name, [operation.rule, ...rules]);
      return problemOfTarget(operation.rule, chains);
    case 'deleteRule': {
      const text = ruleText(place.family, operation.rule);
      const index = rules.findIndex((rule) => ruleText(place.family, rule) === text);
      chains.set(name, rules.toSpliced(index, 1));
      return index === -1 ? 'no such rule' : undefined;
    }
    case 'deleteChain':
      if (place.builtIn.includes(name)) return 'a chain of the kernel';
      if (rules.length > 0) return 'it is not empty';
      if ([...chains.values()].some((others) => others.some((rule) => calleeOf(rule) === name))) return 'it is in use';
      chains.delete(name);
      return undefined;
    default:
      return operation satisfies never;
  }
}

function problemOfTarget(rule: IptablesRule, chains: ReadonlyMap<string, unknown>): string | undefined {
  const callee = calleeOf(rule);
  return callee === undefined || chains.has(callee) ? undefined : `no chain ${callee}`;
}

function calleeOf({ target }: IptablesRule): string | undefined {
  return target?.kind === 'jump' || target?.kind === 'goto' ? target.chain : undefined;
}

/** Chains that did not change keep their identity. */
function finishTable(
  before: Table | undefined,
  name: Table['name'],
  chains: ReadonlyMap<string, readonly IptablesRule[]>,
): Table {
  const known = new Map(before?.chains.map((chain) => [chain.name, chain]));
  return {
    name,
    chains: [...chains].map(([chain, rules]): IptablesChain => {
      const old = known.get(chain);
      return old === undefined ? { name: chain, rules } : old.rules === rules ? old : { ...old, rules };
    }),
  };
}
