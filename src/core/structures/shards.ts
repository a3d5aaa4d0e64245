/**
 * A large map as many small ones: changing one entry copies only one small map, and a comparison reads only maps that
 * are not the same value as before.
 */
import { compareText } from './compare-text.ts';
import { hashText } from './hash-text.ts';

/** The map at each index has the keys with that hash. */
export type Shards<V> = readonly ReadonlyMap<string, V>[];

/** With tens of thousands of entries, each map has about a hundred. */
const shardCount = 256;

export function emptyShards<V>(): Shards<V> {
  return Array.from({ length: shardCount }, () => new Map());
}

/** The map that would contain the key. */
export function shardFor<M>(shards: readonly M[], key: string): M {
  const shard = shards[hashText(key) % shardCount];
  if (shard === undefined) throw new Error('a map with too few shards');
  return shard;
}

export function findIn<V>(shards: Shards<V>, key: string): V | undefined {
  return shardFor(shards, key).get(key);
}

/** Sorted. */
export function keysIn(shards: Shards<unknown>): readonly string[] {
  return shards.flatMap((shard) => [...shard.keys()]).sort(compareText);
}

/** Sorted by key. */
export function valuesIn<V>(shards: Shards<V>): readonly V[] {
  const entries = shards.flatMap((shard) => [...shard]);
  return entries.sort(([a], [b]) => compareText(a, b)).map(([, value]) => value);
}

/** The keys whose values are not identical, including keys that only one of both has. */
export function changedKeys<V>(before: Shards<V>, now: Shards<V>): readonly string[] {
  if (before === now) return [];
  return now.flatMap((shard, i) => {
    const old = before[i];
    if (shard === old || old === undefined) return [];
    const changed = [...shard].flatMap(([key, value]) => (old.get(key) === value ? [] : [key]));
    for (const key of old.keys()) if (!shard.has(key)) changed.push(key);
    return changed;
  });
}
