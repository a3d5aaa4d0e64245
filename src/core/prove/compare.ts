/** Compares two distributions, within the precision of a backend. */
import type { ProxyMode } from '../model/config.ts';
import type { Distribution } from '../model/packet.ts';
import { compare, type Rational, rational, zero } from '../structures/rational.ts';
import { distance } from '../trace/distribution.ts';

/**
 * The tolerance for probabilities: n / 2^31 for each of n endpoints in iptables, since xt_statistic draws 31 bits; zero
 * in nftables.
 */
function tolerance(mode: ProxyMode, wanted: Distribution): Rational {
  return mode === 'iptables' ? rational(BigInt(wanted.size), 2n ** 31n) : zero;
}

/** Whether rules of this mode give the wanted distribution. */
export function isSameFate(mode: ProxyMode, wanted: Distribution, found: Distribution): boolean {
  if (wanted.size !== found.size) return false;
  return isIdentical(wanted, found) || compare(distance(wanted, found), tolerance(mode, wanted)) <= 0;
}

/** The fast path, for the usual case. */
function isIdentical(wanted: Distribution, found: Distribution): boolean {
  for (const [key, { probability }] of wanted) {
    const other = found.get(key)?.probability;
    if (other?.numerator !== probability.numerator || other.denominator !== probability.denominator) return false;
  }
  return true;
}
