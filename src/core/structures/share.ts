/** A probability in the one notation that all JSON output has. */
import { type Rational, toNumber } from './rational.ts';

/** An exact probability, and what people read. */
export interface Share {
  /** `1/3`, in lowest terms; `1` and `0` alone. */
  readonly fraction: string;
  /** To four decimals. */
  readonly percent: number;
}

export function shareOf(probability: Rational): Share {
  const { numerator, denominator } = probability;
  return {
    fraction: denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`,
    percent: Math.round(toNumber(probability) * 1_000_000) / 10_000,
  };
}

/** `1/3 (33.33 %)`; the long denominators of xt_statistic, powers of 2^31, are left out. */
export function shareText({ fraction, percent }: Share): string {
  const text = `${Math.round(percent * 100) / 100} %`;
  return fraction.length > 11 ? text : `${fraction} (${text})`;
}
