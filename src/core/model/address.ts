/**
 * IP addresses and CIDR blocks as validated, canonical text. The brands make sure that no other string gets into a
 * rule.
 */

export type IpFamily = 'IPv4' | 'IPv6';

export const ipFamilies: readonly IpFamily[] = ['IPv4', 'IPv6'];

declare const ipAddressBrand: unique symbol;
declare const cidrBrand: unique symbol;

/** Canonical text: dotted quad without leading zeros, or RFC 5952 lower-case IPv6. Made only by `parseIpAddress`. */
export type IpAddress = string & { readonly [ipAddressBrand]: true };

/** Canonical `address/length` with all host bits zero. Made only by `parseCidr` and `hostCidr`. */
export type Cidr = string & { readonly [cidrBrand]: true };

/** A value for each IP family, absent where there is none. */
export interface PerFamily<T> {
  readonly IPv4?: T;
  readonly IPv6?: T;
}

/** Asks for each family's value; where that is undefined the family is absent. */
export function perFamily<T>(ask: (family: IpFamily) => T | undefined): PerFamily<T> {
  const values: { [family in IpFamily]?: T } = {};
  for (const family of ipFamilies) {
    const value = ask(family);
    if (value !== undefined) values[family] = value;
  }
  return values;
}

const octet = '(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])';
const ipv4Pattern = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}$`);
const ipv6Group = /^[0-9a-fA-F]{1,4}$/;

/**
 * Reads an address strictly. Leading zeros (`010.0.0.1`: octal to some, decimal to others), short forms (`127.1`), zone
 * ids (`fe80::1%eth0`) and IPv4-mapped IPv6 (`::ffff:10.0.0.1`, which two parsers may put in two families) are refused.
 * Returns undefined when the text is not an address.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined;
  if (ipv4Pattern.test(text)) return text as IpAddress;
  const groups = parseIpv6Groups(text);
  if (groups === undefined || isIpv4Mapped(groups)) return undefined;
  return formatIpv6(groups);
}

/**
 * Reads an address in the outdated forms that old clusters hold and kube-proxy understands (Go's net.ParseIP before
 * 1.17, k8s.io/utils/net ParseIPSloppy): leading zeros, always decimal in IPv4, and IPv4-mapped IPv6, which is IPv4.
 */
export function parseLegacyIpAddress(text: string): IpAddress | undefined {
  if (text.length > longestLegacyText) return undefined;
  const plain = text.replace(/(?<=^|[.:])0+(?=[0-9a-fA-F])/g, '');
  const groups = parseIpv6Groups(plain);
  if (groups === undefined || !isIpv4Mapped(groups)) return parseIpAddress(plain);
  const [high = 0, low = 0] = groups.slice(6);
  return addressFromBits('IPv4', (BigInt(high) << 16n) | BigInt(low));
}

/** Room for some leading zeros in each part. */
const longestLegacyText = 80;

/** The family, from canonical text. */
export function familyOf(address: IpAddress | Cidr): IpFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** The address as a number of 32 (IPv4) or 128 (IPv6) bits. */
export function addressBits(address: IpAddress): bigint {
  if (familyOf(address) === 'IPv4') {
    return address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
  }
  const groups = parseIpv6Groups(address) ?? [];
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n);
}

/**
 * The address as a number that orders the addresses of a family: a bigint for IPv6, and for IPv4 a plain one, which is
 * many times quicker.
 */
export function addressNumber(address: IpAddress): number | bigint {
  return address.includes(':') ? addressBits(address) : ipv4Number(address);
}

/** The 32 bits of the IPv4 address at the beginning of the text, up to its end or a slash. */
export function ipv4Number(text: string): number {
  let number = 0;
  let part = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === slashCode) break;
    if (code === dotCode) [number, part] = [number * 256 + part, 0];
    else part = part * 10 + code - zeroCode;
  }
  return number * 256 + part;
}

const [dotCode, slashCode, zeroCode] = [0x2e, 0x2f, 0x30];

/** The address with these bits: the inverse of `addressBits`. */
export function addressFromBits(family: IpFamily, bits: bigint): IpAddress {
  if (family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => ((bits >> shift) & 0xffn).toString()).join('.') as IpAddress;
  }
  const groups = Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(112 - 16 * i)) & 0xffffn));
  return formatIpv6(groups);
}

/** 32 or 128. */
export function addressWidth(family: IpFamily): number {
  return family === 'IPv4' ? 32 : 128;
}

/** `10.0.0.1:80` or `[fd00::1]:80`. */
export function formatHostPort(address: IpAddress, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function parseIpv6Groups(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroupList(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroupList(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Groups between colons; the last may be a dotted quad where `isEnd` says that the address ends here. */
function parseGroupList(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (isEnd && i === parts.length - 1 && ipv4Pattern.test(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else if (ipv6Group.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function isIpv4Mapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`. */
function formatIpv6(groups: readonly number[]): IpAddress {
  let bestStart = 0;
  let bestLength = 0;
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > bestLength) [bestStart, bestLength] = [start, length];
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestLength < 2) return hex.join(':') as IpAddress;
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}` as IpAddress;
}
