import { describe, expect, it } from 'vitest';
import { rational } from '../../../src/core/structures/rational.ts';
import { shareOf } from '../../../src/core/structures/share.ts';
import { probabilityOf } from '../explain/probability.ts';

describe('shares', () => {
  it.each([
    [1n, 3n, { fraction: '1/3', percent: 33.3333 }],
    [1n, 1n, { fraction: '1', percent: 100 }],
    [0n, 1n, { fraction: '0', percent: 0 }],
  ])('%d/%d', (numerator, denominator, share) => {
    expect(shareOf(rational(numerator, denominator))).toEqual(share);
    expect(probabilityOf(shareOf(rational(numerator, denominator)))).toEqual(rational(numerator, denominator));
  });
});
