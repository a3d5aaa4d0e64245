/** What changed between two nftables rulesets. */

import type { ForeignChain, ForeignElement, ForeignRuleset, ForeignSet } from '../../nftables/listing/ruleset.ts';
import { changedValues } from '../../structures/chunked.ts';
import { sameElements } from '../../structures/list-difference.ts';
import { inheritTrees } from '../../trace/nftables/tree.ts';
import { chainPart, namedSet, type Touch } from '../../trace/witness.ts';

/** False if base chains or kinds of sets differ: then everything may have changed. */
export function touchedByNftables(before: ForeignRuleset, now: ForeignRuleset, touch: Touch): boolean {
  if (outlineOf(before) !== outlineOf(now)) return false;
  const [oldSets, newSets] = [byName(before.sets), byName(now.sets)];
  for (const [name, set] of newSets) {
    const old = oldSets.get(name);
    if (old === set) continue;
    if (old === undefined || declarationOf(old) !== declarationOf(set)) {
      if (set.timeoutSeconds === undefined || old !== undefined) return false;
      touch(namedSet(name));
    } else touchedBySet(old, set, touch);
  }
  for (const [name, old] of oldSets) {
    if (newSets.has(name)) continue;
    if (old.timeoutSeconds === undefined) return false;
    touch(namedSet(name));
  }
  touchedByChains(before.chains, now.chains, touch);
  return true;
}

/** Hands over the trees of sets to the sets that replace them. */
export function handOverSets(before: ForeignRuleset, now: ForeignRuleset): void {
  const old = byName(before.sets);
  for (const set of now.sets) {
    const known = old.get(set.name);
    if (known !== undefined) inheritTrees(known, set);
  }
}

function byName<T extends { readonly name: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((each) => [each.name, each]));
}

/** The parts of a ruleset that traces assume unchanged. */
function outlineOf({ family, chains }: ForeignRuleset): string {
  const bases = chains.flatMap(({ name, hook }) => (hook === undefined ? [] : [[name, hook]]));
  return JSON.stringify([family, bases]);
}

function declarationOf({ groups: _, learned: __, ...declaration }: ForeignSet): string {
  return JSON.stringify(declaration);
}

function touchedByChains(before: readonly ForeignChain[], now: readonly ForeignChain[], touch: Touch): void {
  const [old, fresh] = [byName(before), byName(now)];
  for (const name of new Set([...old.keys(), ...fresh.keys()])) {
    const [a, b] = [old.get(name), fresh.get(name)];
    if (a === b || (a !== undefined && b !== undefined && isSameChain(a, b))) continue;
    touch(chainPart(name, ''));
    for (const statement of [a, b].flatMap((chain) => chain?.rules ?? []).flatMap(({ statements }) => statements)) {
      if (statement.kind === 'remember') touch(namedSet(statement.set));
    }
  }
}

function isSameChain(a: ForeignChain, b: ForeignChain): boolean {
  return sameElements(a.rules, b.rules) || JSON.stringify(a.rules) === JSON.stringify(b.rules);
}

function touchedBySet(before: ForeignSet, now: ForeignSet, touch: Touch): void {
  if (before.groups === now.groups) return;
  const { gone, come } = changedValues(before.groups, now.groups);
  const old = byKey(gone.flatMap(({ elements }) => elements));
  const fresh = byKey(come.flatMap(({ elements }) => elements));
  for (const [key, element] of [...old, ...fresh]) {
    const [a, b] = [old.get(key), fresh.get(key)];
    if (a !== undefined && b !== undefined && JSON.stringify(a.value) === JSON.stringify(b.value)) continue;
    touchedByElement(now, element, { isNewOrGone: a === undefined || b === undefined, touch });
  }
}

function byKey(elements: readonly ForeignElement[]): ReadonlyMap<string, ForeignElement> {
  return new Map(elements.map((element) => [element.key.join(' '), element]));
}

interface ElementChange {
  /** Whether more than its value changed. */
  readonly isNewOrGone: boolean;
  readonly touch: Touch;
}

/** By address, by port, or the whole set: the dependencies of look-ups (noteUse in trace/nftables/lookup.ts). */
function touchedByElement({ name, key: types }: ForeignSet, { key }: ForeignElement, change: ElementChange): void {
  const { isNewOrGone, touch } = change;
  const isBlock = key.some((part) => typeof part === 'string' && part.includes('/'));
  if (isNewOrGone || isBlock || !types.includes('port')) touch(namedSet(name));
  for (const [i, part] of key.entries()) {
    if (types[i] === 'address' && typeof part === 'string') touch(part);
    if (types[i] === 'port' && typeof part === 'number') touch(namedSet(name, part));
  }
}
