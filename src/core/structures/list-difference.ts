/** Where two lists differ. */

export interface DifferingRange {
  readonly start: number;
  /** Exclusive, in either list. */
  readonly lastEnd: number;
  readonly wantedEnd: number;
}

/** The part of two lists between their common beginning and common end. */
export function differingRange<L, W>(
  last: readonly L[],
  wanted: readonly W[],
  isSame: (last: L, wanted: W) => boolean,
): DifferingRange {
  const shorter = Math.min(last.length, wanted.length);
  let start = 0;
  while (start < shorter && isSame(last[start] as L, wanted[start] as W)) start += 1;
  let [lastEnd, wantedEnd] = [last.length, wanted.length];
  while (lastEnd > start && wantedEnd > start && isSame(last[lastEnd - 1] as L, wanted[wantedEnd - 1] as W)) {
    lastEnd -= 1;
    wantedEnd -= 1;
  }
  return { start, lastEnd, wantedEnd };
}

export function isIdentical(a: unknown, b: unknown): boolean {
  return a === b;
}

/** Whether two lists have the same elements, by identity, in the same places. */
export function sameElements<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((element, i) => element === b[i]));
}
