/** Random addresses, and how much of the model a random ruleset uses. */
import fc from 'fast-check';
import { addressFromBits, addressWidth, type IpAddress, type IpFamily } from '../../../src/core/model/address.ts';

/**
 * `model`: everything that the model can say. `kernel`: only what iptables-save says again in the same words;
 * counters of nfacct, which must be there before the rule, and words without a model are left out too.
 */
export type Scope = 'model' | 'kernel';

/** An address of the family. */
export function arbitraryAddress(family: IpFamily): fc.Arbitrary<IpAddress> {
  const width = addressWidth(family);
  const bits = fc.bigInt({ min: 0n, max: (1n << BigInt(width)) - 1n });
  // Many zeros, so that `::` and its choice of place occur.
  const sparse = fc.tuple(bits, bits, bits).map(([a, b, c]) => a & b & c & ~0xffffn);
  // Neither ::/96, which inet_ntop prints with a dotted quad, nor ::ffff:0:0/96, which rulewright refuses.
  const isPlain = (value: bigint): boolean => family === 'IPv4' || value >> 48n !== 0n;
  return fc
    .oneof(bits, sparse)
    .filter(isPlain)
    .map((value) => addressFromBits(family, value));
}
