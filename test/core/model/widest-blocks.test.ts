import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidrCovers, constantCidr, widestBlocks } from '../../../src/core/model/cidr.ts';

const block = fc
  .tuple(
    fc.constantFrom('10.0.0.0', '10.128.0.0', '10.0.1.0', 'fd00::', 'fd00:1::'),
    fc.constantFrom(0, 8, 9, 16, 24, 32),
  )
  .map(([address, length]) => constantCidr(`${address}/${length}`));

describe('widestBlocks', () => {
  it('keeps each block that no other one covers, once, in order', () => {
    fc.assert(
      fc.property(fc.array(block), (blocks) => {
        const wanted = [...new Set(blocks)].filter(
          (each, _, all) => !all.some((other) => other !== each && cidrCovers(other, each)),
        );
        expect(widestBlocks(blocks)).toEqual(wanted);
      }),
      { seed: 20_261_131 },
    );
  });

  it('takes a list as long as anybody can write: source ranges are not counted by the API', () => {
    const many = Array.from({ length: 50_000 }, (_, i) => constantCidr(`20.${i >> 8}.${i & 255}.0/24`));
    expect(widestBlocks([...many, constantCidr('20.0.0.0/16')])).toHaveLength(50_000 - 256 + 1);
  });
});
