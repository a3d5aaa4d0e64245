/** The lower bound of a value in a sorted list: the index of the first value that is not less, else the length. */
export function firstNotBefore<T>(list: readonly T[], isBefore: (value: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
