/** The place of the first value of a sorted list that is not before what is looked for; its length where all are. */
export function firstNotBefore<T>(list: readonly T[], isBefore: (value: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
