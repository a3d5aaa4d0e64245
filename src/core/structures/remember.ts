/** Fills a map on demand. The map belongs to the caller: a local value, or part of a stage's memory. */

interface Entries<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/** The value of this key, made at its first use. */
export function remember<K, V>(entries: Entries<K, V>, key: K, make: () => V): V {
  let value = entries.get(key);
  if (value === undefined) {
    value = make();
    entries.set(key, value);
  }
  return value;
}
