import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Chunked,
  changedValues,
  cutIntoChunks,
  emptyChunkMemory,
  mapRemembered,
} from '../../../src/core/structures/chunked.ts';

const seed = 20261126;

interface Item {
  readonly key: string;
}

/** Lists of distinct items in chunks; two of them have some items, and often whole chunks, in common. */
const items: readonly Item[] = Array.from({ length: 24 }, (_, i) => ({ key: `item-${i}` }));
const pool = Array.from({ length: 8 }, (_, i) => items.slice(3 * i, 3 * i + 3));
const chunked: fc.Arbitrary<Chunked<Item>> = fc
  .shuffledSubarray(pool)
  .chain((chunks) =>
    fc.tuple(
      ...chunks.map((chunk) =>
        fc.oneof({ weight: 3, arbitrary: fc.constant(chunk) }, { weight: 1, arbitrary: fc.shuffledSubarray(chunk) }),
      ),
    ),
  );

describe('cutIntoChunks', () => {
  const keys = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { maxLength: 300 });
  const list = (numbers: readonly number[]): readonly Item[] => numbers.map((number) => ({ key: `shop/s${number}` }));

  it('cuts without losing anything', () => {
    fc.assert(
      fc.property(keys, (numbers) => {
        const all = list(numbers);
        const chunks = cutIntoChunks(all, ({ key }) => key, []);
        expect(chunks.flat()).toEqual(all);
        expect(chunks.every(({ length }) => length > 0)).toBe(true);
      }),
      { seed },
    );
  });

  it('changes one chunk, or merges two, if one value is added or removed', () => {
    fc.assert(
      fc.property(keys, fc.nat(), (numbers, at) => {
        fc.pre(numbers.length > 0);
        const all = list(numbers);
        const before = cutIntoChunks(all, ({ key }) => key, []);
        const after = cutIntoChunks(all.toSpliced(at % all.length, 1), ({ key }) => key, before);
        const [known, left] = [new Set(before), new Set(after)];
        expect(after.filter((chunk) => !known.has(chunk)).length).toBeLessThanOrEqual(1);
        expect(before.filter((chunk) => !left.has(chunk)).length).toBeLessThanOrEqual(2);
      }),
      { seed },
    );
  });

  it.each(['shop/s#', 'ns-#/web', 'ns-#/svc-#', 'tenant-#/tenant-#-api', 'app-#/app-#', '#/#', 'a/#-#-#'])(
    'makes short chunks of a long list of names like %s',
    (shape) => {
      const keys = Array.from({ length: 30_000 }, (_, i) => ({ key: shape.replaceAll('#', String(i)) }));
      const chunks = cutIntoChunks(keys, ({ key }) => key, []);
      expect(chunks.length).toBeGreaterThan(350);
      expect(chunks.length).toBeLessThan(600);
      expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(512);
    },
  );
});

describe('mapRemembered', () => {
  it('gives the result of a plain map, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(chunked, { maxLength: 5 }), (history) => {
        const memory = emptyChunkMemory<Item, string>();
        for (const inputs of history) {
          expect(mapRemembered(memory, inputs, ({ key }) => `${key}!`)).toEqual(
            inputs.map((chunk) => chunk.map(({ key }) => `${key}!`)),
          );
        }
      }),
      { seed },
    );
  });

  it('passes `make` its earlier result, and only for new or stale chunks', () => {
    fc.assert(
      fc.property(chunked, chunked, fc.subarray(pool), (before, now, stale) => {
        const memory = emptyChunkMemory<Item, { readonly of: Item }>();
        const make = (input: Item, known: { readonly of: Item } | undefined) => known ?? { of: input };
        const first = mapRemembered(memory, before, make);
        const asked: Item[] = [];
        const second = mapRemembered(
          memory,
          now,
          (input, known) => {
            asked.push(input);
            expect(known).toBe(first.flat().find(({ of }) => of === input));
            return make(input, known);
          },
          new Set(stale),
        );
        const isKnown = (chunk: readonly Item[]) => before.includes(chunk) && !stale.includes(chunk as Item[]);
        expect(asked).toEqual(now.filter((chunk) => !isKnown(chunk)).flat());
        for (const [i, chunk] of now.entries()) {
          if (before.includes(chunk)) expect(second[i]).toBe(first[before.indexOf(chunk)]);
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  it('returns the same list if nothing changed', () => {
    const memory = emptyChunkMemory<Item, string>();
    const first = mapRemembered(memory, pool, ({ key }) => key);
    expect(mapRemembered(memory, pool, () => expect.unreachable())).toBe(first);
    expect(mapRemembered(memory, pool, ({ key }) => key, new Set(pool))).toBe(first);
  });

  it('does not reuse outputs after a failure', () => {
    const memory = emptyChunkMemory<string, string>();
    mapRemembered(memory, [['a']], (input) => input);
    const fail = () =>
      mapRemembered(memory, [['b']], () => {
        throw new Error('a bug');
      });
    expect(fail).toThrow('a bug');
    expect(mapRemembered(memory, [['b']], (input) => input)).toEqual([['b']]);
  });
});

describe('changedValues', () => {
  it('are the values that only one list has, in order', () => {
    fc.assert(
      fc.property(chunked, chunked, (before, now) => {
        const [old, fresh] = [before.flat(), now.flat()];
        expect(changedValues(before, now)).toEqual({
          gone: old.filter((item) => !fresh.includes(item)),
          come: fresh.filter((item) => !old.includes(item)),
        });
      }),
      { seed, numRuns: 500 },
    );
  });
});
