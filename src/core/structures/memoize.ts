/**
 * Attributes of immutable values that are computed once per value, such as the text of a chain. This file is the only
 * place in the core with state outside a value that has an owner (test/tidy/state.ts). It is safe because it cannot be
 * observed: an attribute depends on nothing but its value, and lives as long as that value.
 */

/** A function of an immutable value that is computed once for each value (by identity). */
export interface Memoized<Key extends object, Value> {
  (key: Key): Value;
  /**
   * Computes the attribute of `to` from that of `from`, which is cheaper if they differ little. `change` may modify the
   * value in place: `from` loses it. Does nothing if `from` has none yet or `to` has one.
   */
  readonly inherit: (from: Key, to: Key, change: (value: Value) => Value) => void;
}

/** The function itself, computed once for each key (by identity). */
export function memoize<Key extends object, Value>(compute: (key: Key) => Value): Memoized<Key, Value> {
  const known = new WeakMap<Key, { readonly value: Value }>();
  const get = (key: Key): Value => {
    let entry = known.get(key);
    if (entry === undefined) {
      entry = { value: compute(key) };
      known.set(key, entry);
    }
    return entry.value;
  };
  const inherit = (from: Key, to: Key, change: (value: Value) => Value): void => {
    const entry = known.get(from);
    if (entry === undefined || from === to || known.has(to)) return;
    known.delete(from);
    known.set(to, { value: change(entry.value) });
  };
  return Object.assign(get, { inherit });
}

/**
 * The same for an attribute that also depends on the IP family, or on another context that `textOf` identifies: one
 * memoized function for each context. There must be few contexts, since their functions are kept.
 */
export function memoizeFor<Context, Key extends object, Value>(
  textOf: (context: Context) => string,
  compute: (context: Context, key: Key) => Value,
): (context: Context) => (key: Key) => Value {
  const known = new Map<string, (key: Key) => Value>();
  return (context) => {
    const text = textOf(context);
    let memoized = known.get(text);
    if (memoized === undefined) {
      memoized = memoize((key: Key) => compute(context, key));
      known.set(text, memoized);
    }
    return memoized;
  };
}
