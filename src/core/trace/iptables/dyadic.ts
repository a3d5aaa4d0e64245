/**
 * Probabilities while a packet walks through an iptables ruleset. Every random match there holds with n / 2^31, so all
 * of them are fractions over a power of two: exact without the common divisors that a Service with a thousand endpoints
 * makes expensive.
 */
import type { Rational } from '../../structures/rational.ts';
import type { Weights } from '../netfilter/flow.ts';

/** `numerator / 2^shift`, not necessarily in lowest terms. */
export interface Dyadic {
  readonly numerator: bigint;
  readonly shift: number;
}

export const certainty: Dyadic = { numerator: 1n, shift: 0 };

export function addDyadic(a: Dyadic, b: Dyadic): Dyadic {
  const shift = Math.max(a.shift, b.shift);
  const numerator = (a.numerator << BigInt(shift - a.shift)) + (b.numerator << BigInt(shift - b.shift));
  return { numerator, shift };
}

/** `a * part / 2^shift`. */
export function scaleDyadic(a: Dyadic, part: number, shift: number): Dyadic {
  return { numerator: a.numerator * BigInt(part), shift: a.shift + shift };
}

export function dyadicToRational({ numerator, shift }: Dyadic): Rational {
  const twos = Math.min(trailingZeros(numerator), shift);
  return { numerator: numerator >> BigInt(twos), denominator: 1n << BigInt(shift - twos) };
}

export const dyadicWeights: Weights<Dyadic> = { one: certainty, add: addDyadic, toRational: dyadicToRational };

/** The number of factors of two; Infinity for zero. */
function trailingZeros(value: bigint): number {
  return value === 0n ? Number.POSITIVE_INFINITY : (value & -value).toString(2).length - 1;
}
