/**
 * Carries out a transaction on a ruleset as a value, by the rules of the kernel: it refuses what `nft -f` would refuse.
 * So a transaction can be tried without a kernel: `apply(diff(a, b), a)` says what `b` says.
 */
import {
  keyText,
  type NftablesOperation,
  type NftablesTransaction,
  type SetDeclaration,
} from '../../../../src/core/nftables/diff/operations.ts';
import { chainOfElement, chainsOfRule, setsOfRule } from '../../../../src/core/nftables/diff/references.ts';
import type {
  Element,
  NamedSet,
  NftablesChain,
  NftablesRule,
  NftablesRuleset,
} from '../../../../src/core/nftables/ruleset.ts';

/**
 * The ruleset afterwards, or undefined when there is no table. The kernel knows no owners: all elements of a set whose
 * elements changed are in one group. Throws an Error that names the operation which cannot be carried out.
 */
export function applyTransaction(
  ruleset: NftablesRuleset | undefined,
  { family, operations }: NftablesTransaction,
): NftablesRuleset | undefined {
  let tables: Tables | undefined = ruleset === undefined ? undefined : tablesOf(ruleset);
  for (const operation of operations) {
    if (operation.kind === 'addTable') {
      tables ??= { sets: new Map(), chains: new Map() };
    } else if (tables === undefined) {
      throw new Error(`${operation.kind}: no such table`);
    } else if (operation.kind === 'deleteTable') {
      tables = undefined;
    } else {
      const problem = applyOperation(tables, operation);
      if (problem !== undefined) throw new Error(`${describe(operation)}: ${problem}`);
    }
  }
  if (tables === undefined) return undefined;
  return { family, sets: [...tables.sets.values()].map(finishSet), chains: [...tables.chains.values()] };
}

interface Tables {
  readonly sets: Map<string, OpenSet>;
  readonly chains: Map<string, NftablesChain>;
}

/** `elements` once they change: until then they are those of `set`. */
interface OpenSet {
  readonly set: NamedSet;
  elements?: Map<string, Element>;
}

function tablesOf({ sets, chains }: NftablesRuleset): Tables {
  return {
    sets: new Map(sets.map((set) => [set.name, { set }])),
    chains: new Map(chains.map((chain) => [chain.name, chain])),
  };
}

function finishSet({ set, elements }: OpenSet): NamedSet {
  if (elements === undefined) return set;
  return { ...set, groups: elements.size === 0 ? [] : [[{ owner: '', elements: [...elements.values()] }]] };
}

function elementsOf(open: OpenSet): Map<string, Element> {
  open.elements ??= new Map(
    open.set.groups.flat().flatMap(({ elements }) => elements.map((element) => [keyText(element), element])),
  );
  return open.elements;
}

type TableOperation = Exclude<NftablesOperation, { readonly kind: 'addTable' | 'deleteTable' }>;

function describe(operation: TableOperation): string {
  if ('set' in operation) return `${operation.kind} ${operation.set.name}`;
  return `${operation.kind} ${typeof operation.chain === 'string' ? operation.chain : operation.chain.name}`;
}

/** What is wrong, or undefined when it was done. */
function applyOperation(tables: Tables, operation: TableOperation): string | undefined {
  switch (operation.kind) {
    case 'addSet':
      if (tables.sets.has(operation.set.name)) return 'it is there already';
      tables.sets.set(operation.set.name, { set: { ...operation.set, groups: [] } });
      return undefined;
    case 'addChain':
      if (tables.chains.has(operation.chain.name)) return 'it is there already';
      tables.chains.set(operation.chain.name, { ...operation.chain, rules: [] });
      return undefined;
    case 'flushSet':
    case 'deleteSet':
    case 'addElements':
    case 'deleteElements':
      return changeSet(tables, operation);
    case 'flushChain':
    case 'deleteChain':
    case 'addRules':
      return changeChain(tables, operation);
    default:
      return operation satisfies never;
  }
}

type SetOperation = Extract<
  TableOperation,
  { readonly kind: 'flushSet' | 'deleteSet' | 'addElements' | 'deleteElements' }
>;

function changeSet(tables: Tables, operation: SetOperation): string | undefined {
  const { name }: SetDeclaration = operation.set;
  const open = tables.sets.get(name);
  if (open === undefined) return 'no such set';
  switch (operation.kind) {
    case 'flushSet':
      elementsOf(open).clear();
      return undefined;
    case 'deleteSet':
      if (rulesOf(tables).some((rule) => setsOfRule(rule).includes(name))) return 'it is in use';
      tables.sets.delete(name);
      return undefined;
    case 'addElements':
      return addElements(tables, elementsOf(open), operation.elements);
    case 'deleteElements': {
      const elements = elementsOf(open);
      const missing = operation.elements.find((element) => !elements.delete(keyText(element)));
      return missing === undefined ? undefined : `no element ${keyText(missing)}`;
    }
    default:
      return operation satisfies never;
  }
}

function addElements(
  { chains }: Tables,
  elements: Map<string, Element>,
  added: readonly Element[],
): string | undefined {
  for (const element of added) {
    const key = keyText(element);
    if (elements.has(key)) return `element ${key} is there already`;
    const chain = chainOfElement(element);
    if (chain !== undefined && !chains.has(chain)) return `no chain ${chain}`;
    elements.set(key, element);
  }
  return undefined;
}

type ChainOperation = Extract<TableOperation, { readonly kind: 'flushChain' | 'deleteChain' | 'addRules' }>;

function changeChain(tables: Tables, operation: ChainOperation): string | undefined {
  const name = operation.chain;
  const chain = tables.chains.get(name);
  if (chain === undefined) return 'no such chain';
  switch (operation.kind) {
    case 'flushChain':
      tables.chains.set(name, { ...chain, rules: [] });
      return undefined;
    case 'addRules': {
      tables.chains.set(name, { ...chain, rules: [...chain.rules, ...operation.rules] });
      const missing =
        operation.rules.flatMap(setsOfRule).find((set) => !tables.sets.has(set)) ??
        operation.rules.flatMap(chainsOfRule).find((callee) => !tables.chains.has(callee));
      return missing === undefined ? undefined : `no set or chain ${missing}`;
    }
    case 'deleteChain':
      if (chain.rules.length > 0) return 'it is not empty';
      if (isChainInUse(tables, name)) return 'it is in use';
      tables.chains.delete(name);
      return undefined;
    default:
      return operation satisfies never;
  }
}

function isChainInUse(tables: Tables, name: string): boolean {
  if (rulesOf(tables).some((rule) => chainsOfRule(rule).includes(name))) return true;
  return [...tables.sets.values()].some((open) => {
    if (open.set.value !== 'verdict') return false;
    return [...elementsOf(open).values()].some((element) => chainOfElement(element) === name);
  });
}

function rulesOf({ chains }: Tables): readonly NftablesRule[] {
  return [...chains.values()].flatMap(({ rules }) => rules);
}
