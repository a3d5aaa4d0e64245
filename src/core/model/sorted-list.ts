/** Lists that are sorted by the text of a key. */
import { compareText } from './address.ts';

/** The place of the first value whose key is this one or comes after it; the length of the list where there is none. */
export function placeIn<T>(list: readonly T[], key: string, keyOf: (value: T) => string): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareText(keyOf(list[middle] as T), key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
