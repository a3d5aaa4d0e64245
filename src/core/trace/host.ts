import { familyOf, type IpAddress } from '../model/address.ts';
import { cidrContains, loopbackBlocks } from '../model/cidr.ts';
import type { TraceHost } from '../model/packet.ts';

/** What the kernel calls address type LOCAL: an address of this node, or loopback. */
export function isLocalAddress(address: IpAddress, host: TraceHost): boolean {
  return host.addresses.includes(address) || cidrContains(loopbackBlocks[familyOf(address)], address);
}
