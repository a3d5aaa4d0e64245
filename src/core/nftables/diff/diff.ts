/**
 * The transaction from the last applied ruleset to the wanted one, in nft verbs. Each step is valid after those before:
 *
 * 1. declare new sets and chains: now everything that is wanted has a name;
 * 2. flush chains that change or are removed: now no rule refers to a removed object;
 * 3. delete elements that change or are removed: now no element refers to a removed object;
 * 4. delete removed sets; delete and declare again sets and base chains whose declaration changed;
 * 5. add rules, then elements: everything that they refer to exists;
 * 6. delete removed chains.
 *
 * The kernel applies all of it at once. Unchanged values are recognized by identity, so the cost follows the change.
 */
import type { IpFamily } from '../../model/address.ts';
import { sameElements } from '../../structures/list-difference.ts';
import { compareByName } from '../../structures/named-difference.ts';
import { printRule } from '../print/rule.ts';
import type { NamedSet, NftablesChain, NftablesRuleset } from '../ruleset.ts';
import { diffElements } from './elements.ts';
import type { ChainDeclaration, NftablesOperation, NftablesTransaction, SetDeclaration } from './operations.ts';
import { setsOfRule } from './references.ts';

/**
 * Without `last` the state of the table is unknown: the whole table is replaced. Without `wanted` the table is deleted.
 * Throws if both are missing or of different families: our bug.
 */
export function diffRulesets(
  last: NftablesRuleset | undefined,
  wanted: NftablesRuleset | undefined,
): NftablesTransaction {
  const { family } = last ?? wanted ?? { family: undefined };
  if (family === undefined) throw new Error('no ruleset to compare');
  if (wanted === undefined) return { family, operations: [{ kind: 'deleteTable' }] };
  if (wanted.family !== family) throw new Error('rulesets of different families');
  if (last !== undefined) return { family, operations: diffContents(last, wanted) };
  // A table that is missing cannot be deleted, so it is added first: this empties it in either case.
  const anew: readonly NftablesOperation[] = [{ kind: 'addTable' }, { kind: 'deleteTable' }, { kind: 'addTable' }];
  return { family, operations: [...anew, ...diffContents({ family, sets: [], chains: [] }, wanted)] };
}

function diffContents(last: NftablesRuleset, wanted: NftablesRuleset): readonly NftablesOperation[] {
  const sets = diffSets(last.sets, wanted.sets);
  const chains = diffChains(last, wanted, new Set(sets.redeclared.map(({ name }) => name)));
  const filled = [...chains.added, ...chains.changed, ...chains.rehooked];
  return [
    ...sets.added.map(addSet),
    ...chains.added.map(addChain),
    ...[...chains.changed, ...chains.rehooked, ...chains.removed].map(
      ({ name }): NftablesOperation => ({ kind: 'flushChain', chain: name }),
    ),
    ...sets.deletions,
    ...sets.removed.flatMap(removeSet),
    ...sets.redeclared.map(addSet),
    ...chains.rehooked.flatMap((chain) => [deleteChain(chain), addChain(chain)]),
    ...filled.flatMap(({ name, rules }): readonly NftablesOperation[] =>
      rules.length === 0 ? [] : [{ kind: 'addRules', chain: name, rules }],
    ),
    ...sets.additions,
    ...chains.removed.map(deleteChain),
  ];
}

interface SetChanges {
  readonly added: readonly NamedSet[];
  /** In their last state, including those that are declared again. */
  readonly removed: readonly NamedSet[];
  readonly redeclared: readonly NamedSet[];
  readonly deletions: readonly NftablesOperation[];
  readonly additions: readonly NftablesOperation[];
}

/** A set of learned clients has no elements of ours: it stays unless its declaration changes. */
function diffSets(last: readonly NamedSet[], wanted: readonly NamedSet[]): SetChanges {
  const change = compareByName(last, wanted, {
    nameOf: ({ name }: NamedSet) => name,
    // Elements of sets are compared once, below.
    isSame: (a, b) => isSameDeclaration(a, b) && a.groups.length === 0 && b.groups.length === 0,
  });
  const edited = change.changed.filter((pair) => isSameDeclaration(pair.last, pair.wanted));
  const redeclared = change.changed.filter((pair) => !isSameDeclaration(pair.last, pair.wanted));
  const edits = edited.map(({ last: before, wanted: after }) => ({
    set: after,
    ...diffElements(before.groups, after.groups),
  }));
  const fresh = [...change.added, ...redeclared.map((pair) => pair.wanted)];
  return {
    added: change.added,
    removed: [...change.removed, ...redeclared.map((pair) => pair.last)],
    redeclared: redeclared.map((pair) => pair.wanted),
    deletions: edits.flatMap(({ set, removed }): readonly NftablesOperation[] =>
      removed.length === 0 ? [] : [{ kind: 'deleteElements', set: declarationOf(set), elements: removed }],
    ),
    additions: [
      ...edits,
      ...fresh.map((set) => ({ set, added: set.groups.flat().flatMap(({ elements }) => elements) })),
    ]
      .filter(({ added }) => added.length > 0)
      .map(({ set, added }): NftablesOperation => ({ kind: 'addElements', set: declarationOf(set), elements: added })),
  };
}

/** Whether two sets of one name can hold the same elements. */
export function isSameDeclaration(a: NamedSet, b: NamedSet): boolean {
  return (
    sameElements(a.key, b.key) &&
    a.value === b.value &&
    a.protocol === b.protocol &&
    a.isInterval === b.isInterval &&
    a.timeoutSeconds === b.timeoutSeconds
  );
}

interface ChainChanges {
  readonly added: readonly NftablesChain[];
  readonly changed: readonly NftablesChain[];
  readonly removed: readonly NftablesChain[];
  /** Base chains with another hook or priority, which cannot be changed. */
  readonly rehooked: readonly NftablesChain[];
}

/** A chain that refers to a set that is declared again is rewritten, even if it is unchanged. */
function diffChains(last: NftablesRuleset, wanted: NftablesRuleset, redeclaredSets: ReadonlySet<string>): ChainChanges {
  const { added, changed, removed } = compareByName(last.chains, wanted.chains, {
    nameOf: ({ name }: NftablesChain) => name,
    isSame: (a, b) => isSameChain(a, b, wanted.family),
  });
  for (const pair of changed) {
    if ((pair.last.hook === undefined) === (pair.wanted.hook === undefined)) continue;
    throw new Error(`chain ${pair.wanted.name} is a base chain in one ruleset only: rules may refer to it`);
  }
  const found = new Set([...added, ...changed.map((pair) => pair.wanted)]);
  const refersToRedeclared = ({ rules }: NftablesChain): boolean =>
    rules.some((rule) => setsOfRule(rule).some((set) => redeclaredSets.has(set)));
  const refilled =
    redeclaredSets.size === 0 ? [] : wanted.chains.filter((chain) => !found.has(chain) && refersToRedeclared(chain));
  const isRehooked = (pair: (typeof changed)[number]): boolean => !isSameHook(pair.last, pair.wanted);
  return {
    added,
    changed: [...changed.filter((pair) => !isRehooked(pair)).map((pair) => pair.wanted), ...refilled],
    removed,
    rehooked: changed.filter(isRehooked).map((pair) => pair.wanted),
  };
}

/** Whether two chains of one name have the same hook and rules. */
export function isSameChain(a: NftablesChain, b: NftablesChain, family: IpFamily): boolean {
  if (!isSameHook(a, b) || a.rules.length !== b.rules.length) return false;
  return a.rules.every((rule, i) => {
    const other = b.rules[i];
    return rule === other || (other !== undefined && printRule(family, rule) === printRule(family, other));
  });
}

/** Whether both have the same hook and priority, or none. */
export function isSameHook({ hook: a }: NftablesChain, { hook: b }: NftablesChain): boolean {
  return a?.hook === b?.hook && a?.type === b?.type && a?.priority === b?.priority;
}

function addSet(set: NamedSet): NftablesOperation {
  return { kind: 'addSet', set: declarationOf(set) };
}

/** Kernels before 6.4 (commit 628bd3e49cba) keep the targets of a verdict map in use until the map is deleted. */
function removeSet(set: NamedSet): readonly NftablesOperation[] {
  const declaration = declarationOf(set);
  const hasVerdicts = set.value === 'verdict' && set.groups.length > 0;
  return [
    ...(hasVerdicts ? [{ kind: 'flushSet', set: declaration } as const] : []),
    { kind: 'deleteSet', set: declaration },
  ];
}

function addChain({ name, hook }: NftablesChain): NftablesOperation {
  const chain: ChainDeclaration = hook === undefined ? { name } : { name, hook };
  return { kind: 'addChain', chain };
}

function deleteChain({ name }: NftablesChain): NftablesOperation {
  return { kind: 'deleteChain', chain: name };
}

function declarationOf({ groups: _, ...declaration }: NamedSet): SetDeclaration {
  return declaration;
}
