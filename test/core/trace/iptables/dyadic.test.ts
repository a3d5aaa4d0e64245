import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, multiply, one, rational, zero } from '../../../../src/core/structures/rational.ts';
import {
  addDyadic,
  certainty,
  type Dyadic,
  dyadicToRational,
  scaleDyadic,
} from '../../../../src/core/trace/iptables/dyadic.ts';

const arbitraryDyadic: fc.Arbitrary<Dyadic> = fc.record({
  numerator: fc.bigInt({ min: 0n, max: 2n ** 100n }),
  shift: fc.nat(120),
});
const options = { seed: 20_261_123 };

/** By way of the greatest common divisor. */
function slowly({ numerator, shift }: Dyadic) {
  return rational(numerator, 2n ** BigInt(shift));
}

describe('dyadic fractions', () => {
  it('are in lowest terms as rationals', () => {
    fc.assert(
      fc.property(arbitraryDyadic, (a) => {
        expect(dyadicToRational(a)).toEqual(slowly(a));
      }),
      options,
    );
  });

  it('add up like rationals', () => {
    fc.assert(
      fc.property(arbitraryDyadic, arbitraryDyadic, (a, b) => {
        expect(dyadicToRational(addDyadic(a, b))).toEqual(add(slowly(a), slowly(b)));
      }),
      options,
    );
  });

  it('are scaled like rationals', () => {
    fc.assert(
      fc.property(arbitraryDyadic, fc.nat(2 ** 31 - 1), (a, part) => {
        const factor = rational(BigInt(part), 2n ** 31n);
        expect(dyadicToRational(scaleDyadic(a, part, 31))).toEqual(multiply(slowly(a), factor));
      }),
      options,
    );
  });

  it('have a one and a zero', () => {
    expect(dyadicToRational(certainty)).toEqual(one);
    expect(dyadicToRational({ numerator: 0n, shift: 31 })).toEqual(zero);
  });
});
