/**
 * Attributes of immutable values that are computed once per value, such as the text of a chain. This file is the only
 * place in the core with state outside a value that has an owner (test/tidy/state.ts). It is safe because it cannot be
 * observed: an attribute depends on nothing but its value, and lives as long as that value.
 */

/** The function itself, computed once for each key (by identity). */
export function memoize<Key extends object, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    let entry = known.get(key);
    if (entry === undefined) {
      entry = { value: compute(key) };
      known.set(key, entry);
    }
    return entry.value;
  };
}
