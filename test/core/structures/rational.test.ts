import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  compare,
  multiply,
  one,
  type Rational,
  rational,
  subtract,
  toNumber,
  zero,
} from '../../../src/core/structures/rational.ts';

const integer = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
const arbitraryRational: fc.Arbitrary<Rational> = fc
  .tuple(
    integer,
    integer.filter((n) => n !== 0n),
  )
  .map(([numerator, denominator]) => rational(numerator, denominator));
const options = { seed: 20_261_123 };

describe('rational', () => {
  it('reduces to lowest terms', () => {
    expect(rational(6n, 4n)).toEqual({ numerator: 3n, denominator: 2n });
    expect(rational(0n, 7n)).toEqual(zero);
    expect(rational(7n, 7n)).toEqual(one);
  });

  it('keeps the sign in the numerator', () => {
    expect(rational(-6n, 4n)).toEqual({ numerator: -3n, denominator: 2n });
    expect(rational(6n, -4n)).toEqual({ numerator: -3n, denominator: 2n });
    expect(rational(-6n, -4n)).toEqual({ numerator: 3n, denominator: 2n });
    expect(rational(0n, -7n)).toEqual(zero);
  });

  it('refuses a denominator of zero', () => {
    expect(() => rational(1n, 0n)).toThrow(RangeError);
  });

  it('reduces equal fractions to equal values', () => {
    fc.assert(
      fc.property(
        arbitraryRational,
        integer.filter((n) => n !== 0n),
        (a, n) => {
          expect(rational(a.numerator * n, a.denominator * n)).toEqual(a);
        },
      ),
      options,
    );
  });
});

describe('arithmetic of rationals', () => {
  it('follows the laws of a field', () => {
    fc.assert(
      fc.property(arbitraryRational, arbitraryRational, arbitraryRational, (a, b, c) => {
        expect(add(a, b)).toEqual(add(b, a));
        expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
        expect(multiply(a, b)).toEqual(multiply(b, a));
        expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
        expect(add(a, zero)).toEqual(a);
        expect(multiply(a, one)).toEqual(a);
        expect(add(subtract(a, b), b)).toEqual(a);
      }),
      options,
    );
  });

  it('compares two fractions', () => {
    expect(compare(rational(1n, 3n), rational(1n, 2n))).toBeLessThan(0);
    expect(compare(rational(1n, 2n), rational(1n, 3n))).toBeGreaterThan(0);
    expect(compare(rational(2n, 4n), rational(1n, 2n))).toBe(0);
    expect(compare(rational(-1n, 2n), zero)).toBeLessThan(0);
  });

  it('orders as subtraction does', () => {
    fc.assert(
      fc.property(arbitraryRational, arbitraryRational, (a, b) => {
        expect(compare(a, b)).toBe(Math.sign(Number(subtract(a, b).numerator)));
      }),
      options,
    );
  });
});

describe('toNumber', () => {
  it('gives the nearest double', () => {
    expect(toNumber(rational(1n, 3n))).toBeCloseTo(1 / 3, 15);
    expect(toNumber(rational(-3n, 2n))).toBe(-1.5);
    expect(toNumber(zero)).toBe(0);
  });
});
