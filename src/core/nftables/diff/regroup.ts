/**
 * The kernel knows no owners: a ruleset read from it has all elements of a set in one group. This assigns them to their
 * owners in the wanted ruleset, so that endpoints can keep their slots (settle.ts) and groups can be compared.
 */
import type { Element, ElementGroup, NamedSet, NftablesRuleset } from '../ruleset.ts';

/** The same ruleset as `read`; elements that have no owner in `wanted` are in a group of the owner `''`. */
export function regroupElements(read: NftablesRuleset, wanted: NftablesRuleset): NftablesRuleset {
  const wantedSets = new Map(wanted.sets.map((set) => [set.name, set]));
  return { ...read, sets: read.sets.map((set) => regroupSet(set, wantedSets.get(set.name))) };
}

function regroupSet(read: NamedSet, wanted: NamedSet | undefined): NamedSet {
  if (wanted === undefined || wanted.groups.length === 0 || isGrouped(read, wanted)) return read;
  const owners = new Map<string, string>();
  const partsOf = frontendParts(wanted);
  for (const { owner, elements } of wanted.groups.flat()) {
    for (const element of elements) owners.set(partsOf(element), owner);
  }
  const groups = new Map<string, Element[]>();
  for (const { elements } of read.groups.flat()) {
    for (const element of elements) {
      const owner = owners.get(partsOf(element)) ?? '';
      const group = groups.get(owner);
      if (group === undefined) groups.set(owner, [element]);
      else group.push(element);
    }
  }
  return {
    ...read,
    groups: [[...groups].map(([owner, elements]): ElementGroup => ({ owner, elements })).sort(byOwner)],
  };
}

/** A set that no other program touched was not read again: its groups are the applied ones. */
function isGrouped(read: NamedSet, wanted: NamedSet): boolean {
  const unowned = read.groups.flat().filter(({ owner }) => owner === '');
  if (unowned.length === 0) return true;
  const known = new Set(wanted.groups.flat());
  return unowned.every((group) => known.has(group));
}

/** The key without the slot: all endpoints of a frontend have the same owner. */
function frontendParts({ key }: NamedSet): (element: Element) => string {
  const slot = key.indexOf('slot');
  return slot === -1 ? (element) => element.key.join(' ') : (element) => element.key.toSpliced(slot, 1).join(' ');
}

function byOwner(a: ElementGroup, b: ElementGroup): number {
  return a.owner < b.owner ? -1 : a.owner > b.owner ? 1 : 0;
}
