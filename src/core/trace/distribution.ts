/** Operations on distributions of outcomes: exact, without outcomes of probability zero. */

import type { Distribution, Outcome } from '../model/packet.ts';
import { compareText } from '../structures/compare-text.ts';
import { add, compare, isZero, multiply, one, type Rational, subtract, zero } from '../structures/rational.ts';

/** A weighted part: an outcome, or another distribution. */
export type DistributionPart =
  | { readonly probability: Rational; readonly outcome: Outcome }
  | { readonly probability: Rational; readonly distribution: Distribution };

/** The outcome in a few words: `10.0.0.1:80`, `10.0.0.1:80 masquerade`, `reject`, `drop`, `accept`, `pass`. */
export function outcomeKey(outcome: Outcome): string {
  const way = outcome.kind === 'dnat' ? outcome.endpoint : outcome.kind;
  return 'masquerade' in outcome && outcome.masquerade ? `${way} masquerade` : way;
}

/** The distribution of a certain outcome. */
export function certain(outcome: Outcome): Distribution {
  return new Map([[outcomeKey(outcome), { outcome, probability: one }]]);
}

/** All parts together, each outcome once, in order of first mention. */
export function mix(parts: readonly DistributionPart[]): Distribution {
  const mixed = new Map<string, { readonly outcome: Outcome; readonly probability: Rational }>();
  const put = (outcome: Outcome, probability: Rational): void => {
    if (isZero(probability)) return;
    const key = outcomeKey(outcome);
    const before = mixed.get(key);
    mixed.set(key, { outcome, probability: before === undefined ? probability : add(before.probability, probability) });
  };
  for (const part of parts) {
    if ('outcome' in part) put(part.outcome, part.probability);
    else for (const each of part.distribution.values()) put(each.outcome, multiply(part.probability, each.probability));
  }
  return mixed;
}

/** The sum of all probabilities: 1, unless a tracer has a bug. */
export function sumOfProbabilities(distribution: Distribution): Rational {
  return [...distribution.values()].reduce((sum, { probability }) => add(sum, probability), zero);
}

/**
 * The largest difference in the probability of one outcome: 0 if both are equal, 1 if they exclude each other.
 */
export function distance(a: Distribution, b: Distribution): Rational {
  let largest = zero;
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const difference = subtract(a.get(key)?.probability ?? zero, b.get(key)?.probability ?? zero);
    const size = compare(difference, zero) < 0 ? subtract(zero, difference) : difference;
    if (compare(size, largest) > 0) largest = size;
  }
  return largest;
}

/** `10.0.0.1:80 1/3, 10.0.0.2:80 masquerade 2/3`, by outcome; `reject` when it is certain. */
export function formatDistribution(distribution: Distribution): string {
  return [...distribution]
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, { probability }]) =>
      compare(probability, one) === 0 ? key : `${key} ${formatProbability(probability)}`,
    )
    .join(', ');
}

/** Longer denominators are powers of 2^31, from xt_statistic, and do not help readers. */
const readableDenominator = 9_999n;
const decimals = 6;

/** `1/3`; `~0.333333` if the denominator is too long to read. */
export function formatProbability({ numerator, denominator }: Rational): string {
  if (denominator <= readableDenominator) return `${numerator}/${denominator}`;
  const rounded = (numerator * 10n ** BigInt(decimals) + denominator / 2n) / denominator;
  const digits = rounded.toString().padStart(decimals + 1, '0');
  return `~${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
