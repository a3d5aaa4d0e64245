import type { IpAddress } from '../model/address.ts';
import type { TraceHost } from '../model/packet.ts';

/** The kernel's address type LOCAL: an address of this node, or loopback. */
export function isLocalAddress(address: IpAddress, host: TraceHost): boolean {
  // Tracers ask this for each endpoint: canonical text identifies 127.0.0.0/8 and ::1 without arithmetic.
  return host.addresses.includes(address) || address.startsWith('127.') || address === '::1';
}
