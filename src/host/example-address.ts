/** Addresses for rules that are tried and never used. */
import { type IpAddress, type IpFamily, parseIpAddress } from '../core/model/address.ts';

/** From the blocks for documentation: RFC 5737 and RFC 3849. */
export function exampleAddress(family: IpFamily): IpAddress {
  const address = parseIpAddress(family === 'IPv4' ? '192.0.2.1' : '2001:db8::1');
  if (address === undefined) throw new Error('an example that is no address');
  return address;
}
