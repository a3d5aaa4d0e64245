/**
 * Exact fractions: probabilities are compared, never approximated. Always in lowest terms with a positive denominator.
 */

export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const zero: Rational = { numerator: 0n, denominator: 1n };
export const one: Rational = { numerator: 1n, denominator: 1n };

/** `numerator / denominator`, reduced. The denominator must not be zero. */
export function rational(numerator: bigint, denominator: bigint): Rational {
  if (denominator === 0n) throw new RangeError('a rational needs a denominator other than zero');
  const sign = denominator < 0n ? -1n : 1n;
  const divisor = gcd(numerator < 0n ? -numerator : numerator, denominator * sign) * sign;
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export function add(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function subtract(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator);
}

export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.numerator, a.denominator * b.denominator);
}

export function isZero({ numerator }: Rational): boolean {
  return numerator === 0n;
}

export function isOne({ numerator, denominator }: Rational): boolean {
  return numerator === denominator;
}

/** 1 minus the value. */
export function complement(a: Rational): Rational {
  if (a.numerator === 0n) return one;
  return isOne(a) ? zero : { numerator: a.denominator - a.numerator, denominator: a.denominator };
}

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The nearest double, for people; also if numerator and denominator are too large for doubles. */
export function toNumber(a: Rational): number {
  return Number((a.numerator << 1000n) / a.denominator) / 2 ** 1000;
}

/**
 * Factors of two are removed first: the denominators of tracers are powers of two, for which Euclid alone is slow.
 */
function gcd(a: bigint, b: bigint): bigint {
  if (a === 0n || b === 0n) return a + b === 0n ? 1n : a + b;
  if (a <= largestExact && b <= largestExact) return BigInt(gcdOfNumbers(Number(a), Number(b)));
  const [twosInA, twosInB] = [trailingZeros(a), trailingZeros(b)];
  let [x, y] = [a >> twosInA, b >> twosInB];
  while (y !== 0n) [x, y] = [y, x % y];
  return x << (twosInA < twosInB ? twosInA : twosInB);
}

/** Up to here a double represents every integer, and is many times faster. */
const largestExact = BigInt(Number.MAX_SAFE_INTEGER);

function gcdOfNumbers(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function trailingZeros(value: bigint): bigint {
  return BigInt((value & -value).toString(2).length - 1);
}
