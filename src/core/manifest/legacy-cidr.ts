/** CIDR blocks in the outdated forms that old clusters hold. */
import type { Cidr } from '../model/address.ts';
import { parseCidr } from '../model/cidr.ts';

const ipv4 = /^(?:::ffff:)?(\d{1,12})\.(\d{1,12})\.(\d{1,12})\.(\d{1,12})\/(\d{1,12})$/i;

/**
 * Reads a CIDR block in the outdated forms that the API still lets pass and kube-proxy understands (Go's old
 * net.ParseCIDR): IPv4 with leading zeros, always decimal, and IPv4-mapped IPv6, whose length counts from 96.
 * Undefined when it is neither.
 */
export function readLegacyCidr(text: string): Cidr | undefined {
  const numbers = ipv4.exec(text)?.slice(1).map(Number);
  if (numbers === undefined) return undefined;
  const length = (numbers[4] ?? 0) - (text.startsWith(':') ? 96 : 0);
  return length < 0 ? undefined : parseCidr(`${numbers.slice(0, 4).join('.')}/${length}`);
}
