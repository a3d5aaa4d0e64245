/** Finds the changed elements of a set. Identical groups are skipped, whole chunks at once. */
import { changedValues } from '../../structures/chunked.ts';
import { differingRange } from '../../structures/list-difference.ts';
import { compareByName } from '../../structures/named-difference.ts';
import type { Element, ElementValue, NamedSet } from '../ruleset.ts';
import { keyText } from './operations.ts';

export interface ElementChange {
  readonly removed: readonly Element[];
  readonly added: readonly Element[];
}

/**
 * The elements to delete and then to add. Owners do not matter: an element that moves from one service port to another
 * unchanged is not touched. An element whose value changes is both deleted and added.
 */
export function diffElements(last: NamedSet['groups'], wanted: NamedSet['groups']): ElementChange {
  const { gone, come } = changedValues(last, wanted);
  const groups = compareByName(gone, come, { nameOf: ({ owner }) => owner, isSame: () => false });
  const removed = new Map<string, Element>();
  const added: Element[] = [];
  const open = (before: readonly Element[], after: readonly Element[]): void => {
    const { start, lastEnd, wantedEnd } = differingRange(before, after, isSameElement);
    for (const element of before.slice(start, lastEnd)) removed.set(keyText(element), element);
    for (const element of after.slice(start, wantedEnd)) added.push(element);
  };
  for (const { last: before, wanted: after } of groups.changed) open(before.elements, after.elements);
  for (const { elements } of groups.removed) open(elements, []);
  for (const { elements } of groups.added) open([], elements);
  const changed = added.filter((element) => {
    const key = keyText(element);
    const before = removed.get(key);
    if (before === undefined || !isSameValue(before.value, element.value)) return true;
    removed.delete(key);
    return false;
  });
  return { removed: [...removed.values()], added: changed };
}

/** Whether two elements have the same key and value. */
export function isSameElement(a: Element, b: Element): boolean {
  if (a === b) return true;
  return a.key.length === b.key.length && a.key.every((part, i) => part === b.key[i]) && isSameValue(a.value, b.value);
}

function isSameValue(a: ElementValue | undefined, b: ElementValue | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && valueText(a) === valueText(b));
}

/** A text that is different for different values of a map. */
export function valueText(value: ElementValue): string {
  switch (value.kind) {
    case 'jump':
    case 'goto':
      return `${value.kind} ${value.chain}`;
    case 'drop':
      return value.kind;
    case 'destination':
      return `${value.address} ${value.port}`;
    default:
      return value satisfies never;
  }
}
