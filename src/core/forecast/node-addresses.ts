/** The addresses of the node that a forecast sends packets to and from. */
import { addressFromBits, type Cidr, familyOf, type IpAddress, type IpFamily } from '../model/address.ts';
import { cidrBounds, cidrContains, hostAddress, isWholeFamily, loopbackBlocks } from '../model/cidr.ts';
import { nodeAddresses } from '../plan/node-addresses.ts';
import type { NodeSide } from './node-changes.ts';

/** Stand in for the node's addresses where none is known: blocks for documentation (RFC 5737, RFC 3849). */
const standIns: Readonly<Record<IpFamily, IpAddress>> = {
  IPv4: addressFromBits('IPv4', 0xc0000201n),
  IPv6: addressFromBits('IPv6', 0x20010db8_00000000_00000000_00000001n),
};

/**
 * The node's addresses known before or after, and one for each block of NodePort addresses that has none of them. There
 * is always one.
 */
export function nodeAddressesOf(before: NodeSide, after: NodeSide, family: IpFamily): readonly IpAddress[] {
  const known = [before, after].flatMap(({ config, node }) => nodeAddresses(config, node));
  const addresses = new Set(known.filter((address) => familyOf(address) === family));
  const blocks = [before, after].flatMap(({ plans }) => plans[family]?.nodePorts.within ?? []);
  for (const block of blocks.filter((each) => !isWholeFamily(each) && !isLoopback(each))) {
    if (![...addresses].some((address) => cidrContains(block, address))) addresses.add(firstHost(block));
  }
  return addresses.size === 0 ? [standIns[family]] : [...addresses];
}

function isLoopback(block: Cidr): boolean {
  return cidrContains(loopbackBlocks[familyOf(block)], firstHost(block));
}

/** The address after the block's first one, which is the network's, unless the block is no larger. */
function firstHost(block: Cidr): IpAddress {
  return hostAddress(block) ?? addressFromBits(familyOf(block), BigInt(cidrBounds(block)[0]) + 1n);
}
