/** Whether two tracers agree on a packet. */
import type { Distribution } from '../../model/packet.ts';
import { compare, rational } from '../../structures/rational.ts';
import { distance } from '../../trace/distribution.ts';
import type { Walk } from '../explanation.ts';

/** iptables draws 31 random bits, so each of n endpoints is off by at most n / 2^31; nftables is exact. */
export function agreementOf(reference: Distribution, walked: Distribution, walk: Walk): Walk['agreement'] {
  if (walk.problems.length > 0) return 'unknown';
  const tolerance = rational(walk.mode === 'iptables' ? BigInt(reference.size) : 0n, 2n ** 31n);
  return compare(distance(reference, walked), tolerance) <= 0 ? 'same' : 'different';
}
