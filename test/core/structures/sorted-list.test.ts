import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstNotBefore } from '../../../src/core/structures/sorted-list.ts';

it('finds the lower bound', () => {
  const keys = fc.array(fc.string({ maxLength: 2 })).map((list) => list.sort());
  fc.assert(
    fc.property(keys, fc.string({ maxLength: 2 }), (list, key) => {
      const found = list.findIndex((each) => each >= key);
      expect(firstNotBefore(list, (each) => each < key)).toBe(found === -1 ? list.length : found);
    }),
    { seed: 20261126 },
  );
});
