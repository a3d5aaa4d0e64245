/**
 * The difference between two lists of named values, such as chains or sets, and how differences are counted and
 * described. Both backends make their transactions from it.
 */
import { differingRange } from './list-difference.ts';

/** How many objects of one kind a transaction adds, changes and removes. */
export interface ChangeCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export type ChangeKind = keyof ChangeCounts;

/** Counts changes by kind. */
export function countChanges(changes: Iterable<ChangeKind>): ChangeCounts {
  const counts = { added: 0, changed: 0, removed: 0 };
  for (const change of changes) counts[change] += 1;
  return counts;
}

/** The differences between two lists of named values. */
export interface NamedDifference<T> {
  readonly added: readonly T[];
  readonly changed: readonly { readonly last: T; readonly wanted: T }[];
  readonly removed: readonly T[];
}

/** How to compare values: by name, and for equality. */
export interface NamedEquality<T> {
  /** No two values of a list have the same name. */
  readonly nameOf: (value: T) => string;
  /** Asked only about two values of one name that are not identical. */
  readonly isSame: (last: T, wanted: T) => boolean;
}

/**
 * Compares two lists by name. After a small change this costs a reference comparison for each value: only values
 * between the first and the last difference are looked up by name.
 */
export function compareByName<T>(
  last: readonly T[],
  wanted: readonly T[],
  { nameOf, isSame }: NamedEquality<T>,
): NamedDifference<T> {
  const isEqual = (a: T, b: T): boolean => a === b || (nameOf(a) === nameOf(b) && isSame(a, b));
  const { start, lastEnd, wantedEnd } = differingRange(last, wanted, isEqual);
  const gone = new Map(last.slice(start, lastEnd).map((value) => [nameOf(value), value]));
  const added: T[] = [];
  const changed: { readonly last: T; readonly wanted: T }[] = [];
  for (const value of wanted.slice(start, wantedEnd)) {
    const name = nameOf(value);
    const before = gone.get(name);
    gone.delete(name);
    if (before === undefined) added.push(value);
    else if (!isEqual(before, value)) changed.push({ last: before, wanted: value });
  }
  return { added, changed, removed: [...gone.values()] };
}

/** Lines about values, for people: the first few in full, then the number of the rest. */
export function describeSome<T>(values: readonly T[], describe: (value: T) => string): readonly string[] {
  const told = values.slice(0, mostDescribed).map(describe);
  const rest = values.length - told.length;
  return rest === 0 ? told : [...told, `and ${rest} more like the last`];
}

const mostDescribed = 5;
