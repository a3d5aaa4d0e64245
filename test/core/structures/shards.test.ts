import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changedKeys,
  emptyShards,
  findIn,
  keysIn,
  type Shards,
  shardFor,
  valuesIn,
} from '../../../src/core/structures/shards.ts';

const seed = 20261126;
const entries = fc.uniqueArray(fc.tuple(fc.string({ maxLength: 3 }), fc.nat(2)), { selector: ([key]) => key });

function shardsOf(list: readonly (readonly [string, number])[]): Shards<number> {
  const shards = emptyShards<number>().map((shard) => new Map(shard));
  for (const [key, value] of list) shardFor(shards, key).set(key, value);
  return shards;
}

describe('shards', () => {
  it('behave like one map', () => {
    fc.assert(
      fc.property(entries, fc.string({ maxLength: 3 }), (list, other) => {
        const [shards, map] = [shardsOf(list), new Map(list)];
        for (const key of [...map.keys(), other]) expect(findIn(shards, key)).toBe(map.get(key));
        const sorted = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(keysIn(shards)).toEqual(sorted.map(([key]) => key));
        expect(valuesIn(shards)).toEqual(sorted.map(([, value]) => value));
      }),
      { seed },
    );
  });

  it('list the keys whose values differ', () => {
    fc.assert(
      fc.property(entries, entries, (before, now) => {
        const [a, b] = [new Map(before), new Map(now)];
        const keys = new Set([...a.keys(), ...b.keys()]);
        const changed = [...keys].filter((key) => a.get(key) !== b.get(key));
        expect([...changedKeys(shardsOf(before), shardsOf(now))].sort()).toEqual(changed.sort());
      }),
      { seed },
    );
  });
});
