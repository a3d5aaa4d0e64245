/** CIDR blocks in the outdated forms that old clusters hold. */
import { type Cidr, parseLegacyIpAddress } from '../model/address.ts';
import { parseCidr } from '../model/cidr.ts';

/**
 * Reads a CIDR block in the outdated forms that the API still lets pass and kube-proxy understands (Go's old
 * net.ParseCIDR): leading zeros, and IPv4-mapped IPv6, whose length counts from 96. Undefined when it is neither.
 */
export function readLegacyCidr(text: string): Cidr | undefined {
  const [, written = '', digits] = /^([^/]*)\/(\d{1,12})$/.exec(text) ?? [];
  const address = parseLegacyIpAddress(written);
  if (address === undefined) return undefined;
  const isMapped = written.includes(':') && !address.includes(':');
  return parseCidr(`${address}/${Number(digits) - (isMapped ? 96 : 0)}`);
}
