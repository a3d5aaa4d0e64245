/** Whether two distributions are the same, as exactly as a backend can be. */
import type { ProxyMode } from '../model/config.ts';
import type { Distribution } from '../model/packet.ts';
import { compare, type Rational, rational, zero } from '../structures/rational.ts';
import { distance } from '../trace/distribution.ts';

/**
 * How far rules may be off: in iptables each of n endpoints by n / 2^31, since xt_statistic draws 31 bits; in nftables
 * not at all.
 */
function tolerance(mode: ProxyMode, wanted: Distribution): Rational {
  return mode === 'iptables' ? rational(BigInt(wanted.size), 2n ** 31n) : zero;
}

/** Whether rules of this mode do what is wanted. */
export function isSameFate(mode: ProxyMode, wanted: Distribution, found: Distribution): boolean {
  if (wanted.size !== found.size) return false;
  return isIdentical(wanted, found) || compare(distance(wanted, found), tolerance(mode, wanted)) <= 0;
}

/** The quick answer to what is nearly always the case. */
function isIdentical(wanted: Distribution, found: Distribution): boolean {
  for (const [key, { probability }] of wanted) {
    const other = found.get(key)?.probability;
    if (other?.numerator !== probability.numerator || other.denominator !== probability.denominator) return false;
  }
  return true;
}
