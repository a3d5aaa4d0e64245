/** The next address and the next block, which mutants use instead of the right one. */
import {
  addressBits,
  addressFromBits,
  addressWidth,
  type Cidr,
  familyOf,
  type IpAddress,
} from '../../src/core/model/address.ts';

/** The address after this one; after the last one the first. */
export function nextAddress(address: IpAddress): IpAddress {
  const family = familyOf(address);
  return addressFromBits(family, (addressBits(address) + 1n) % (1n << BigInt(addressWidth(family))));
}

/** The block of the same size after this one; of the whole family, its first half. */
export function nextBlock(block: Cidr): Cidr {
  const [first = '', length = '0'] = block.split('/');
  const family = familyOf(block);
  const width = addressWidth(family);
  if (length === '0') return `${first}/1` as Cidr;
  const size = 1n << BigInt(width - Number(length));
  const next = (addressBits(first as IpAddress) + size) % (1n << BigInt(width));
  return `${addressFromBits(family, next)}/${length}` as Cidr;
}
