interface Memory<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/** What the memory holds for this key, made when it is first asked for. With a WeakMap it lives as long as the key. */
export function remember<K, V>(memory: Memory<K, V>, key: K, make: () => V): V {
  let value = memory.get(key);
  if (value === undefined) {
    value = make();
    memory.set(key, value);
  }
  return value;
}
