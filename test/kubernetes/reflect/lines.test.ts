import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineReader } from '../../../src/kubernetes/reflect/lines.ts';

describe('lines', () => {
  it('are the same however the stream was cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(40)), (texts, sizes) => {
        const lines = texts.map((text) => text.replaceAll('\n', ' '));
        const read = createLineReader();
        let rest = Buffer.from(`${lines.map((line) => `${line}\n`).join('')}the last one has no end`);
        const found: string[] = [];
        for (const size of [...sizes, rest.length]) {
          found.push(...read(rest.subarray(0, size)));
          rest = rest.subarray(size);
        }
        expect(found).toEqual(lines);
      }),
      { seed: 20_261_126 },
    );
  });

  it('of a hundred megabytes cost no more than their bytes', () => {
    const read = createLineReader(200_000_000);
    const piece = Buffer.alloc(16_384, 'x');
    // Putting 6,400 pieces together again with each new one would copy 300 gigabytes.
    for (let index = 0; index < 6400; index += 1) expect(read(piece)).toEqual([]);
    expect(read(Buffer.from('\n'))[0]?.length).toBe(6400 * 16_384);
  });

  it('that never end are refused', () => {
    const read = createLineReader(10);
    expect(read(Buffer.from('1234567890'))).toEqual([]);
    expect(() => read(Buffer.from('1'))).toThrow('a line of more than 10 bytes');
  });
});
