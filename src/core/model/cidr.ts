import {
  addressBits,
  addressFromBits,
  addressNumber,
  addressWidth,
  type Cidr,
  familyOf,
  type IpAddress,
  type IpFamily,
  ipv4Number,
  parseIpAddress,
} from './address.ts';

/**
 * Reads `address/length` strictly and clears the host bits (`10.1.2.3/8` → `10.0.0.0/8`, as Kubernetes and the kernel
 * do). Returns undefined when the text is not a CIDR block.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseIpAddress(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (address === undefined || !/^(?:0|[1-9][0-9]{0,2})$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  if (length > addressWidth(familyOf(address))) return undefined;
  return cidrOf(address, length);
}

/** The block of `length` bits that holds `address`. */
export function cidrOf(address: IpAddress, length: number): Cidr {
  const family = familyOf(address);
  const host = BigInt(addressWidth(family) - length);
  return `${addressFromBits(family, (addressBits(address) >> host) << host)}/${length}` as Cidr;
}

/** The block that holds this one address: `/32` or `/128`. */
export function hostCidr(address: IpAddress): Cidr {
  return `${address}/${address.includes(':') ? 128 : 32}` as Cidr;
}

/** The only address of the block; undefined when there are more. */
export function hostAddress(cidr: Cidr): IpAddress | undefined {
  return cidrLength(cidr) === addressWidth(familyOf(cidr)) ? cidrAddress(cidr) : undefined;
}

/** The prefix length. */
function cidrLength(cidr: Cidr): number {
  return Number(cidr.slice(cidr.indexOf('/') + 1));
}

/** The first address of the block. */
function cidrAddress(cidr: Cidr): IpAddress {
  return cidr.slice(0, cidr.indexOf('/')) as IpAddress;
}

/** Whether the address lies in the block; an address of the other family never does. */
export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  const family = familyOf(cidr);
  if (family !== familyOf(address)) return false;
  const length = cidrLength(cidr);
  if (length === addressWidth(family)) return cidrAddress(cidr) === address;
  if (family === 'IPv4') {
    // A shift by 32 would be one by 0.
    return length === 0 || ipv4Number(cidr) >>> (32 - length) === ipv4Number(address) >>> (32 - length);
  }
  const host = BigInt(addressWidth(family) - length);
  return addressBits(cidrAddress(cidr)) >> host === addressBits(address) >> host;
}

/** The first address of the block, and the one after its last, as `addressNumber` gives them. */
export function cidrBounds(cidr: Cidr): readonly [from: number | bigint, to: number | bigint] {
  const from = addressNumber(cidrAddress(cidr));
  const hostBits = addressWidth(familyOf(cidr)) - cidrLength(cidr);
  return typeof from === 'number' ? [from, from + 2 ** hostBits] : [from, from + (1n << BigInt(hostBits))];
}

/** Whether `outer` holds every address of `inner`. */
export function cidrCovers(outer: Cidr, inner: Cidr): boolean {
  return cidrLength(outer) <= cidrLength(inner) && cidrContains(outer, cidrAddress(inner));
}

/** `0.0.0.0/0` or `::/0`. */
export function isWholeFamily(cidr: Cidr): boolean {
  return cidrLength(cidr) === 0;
}

/** Whether the blocks have an address in common: one then covers the other. */
export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return cidrCovers(a, b) || cidrCovers(b, a);
}

/**
 * The blocks without those that another one covers, each once: they have no address in common. Looked up by length, as
 * anybody can write a long list of source ranges.
 */
export function widestBlocks(blocks: readonly Cidr[]): readonly Cidr[] {
  const all = new Set(blocks);
  const lengths = [...new Set(blocks.map(cidrLength))];
  return [...all].filter((block) => {
    const shorter = lengths.filter((length) => length < cidrLength(block));
    return !shorter.some((length) => all.has(cidrOf(cidrAddress(block), length)));
  });
}

/** The block of a constant in our own code; a text that is not one is our bug. */
export function constantCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`not a CIDR block: ${text}`);
  return cidr;
}

/** The addresses that reach the node itself and never leave it. */
export const loopbackBlocks: Readonly<Record<IpFamily, Cidr>> = {
  IPv4: constantCidr('127.0.0.0/8'),
  IPv6: constantCidr('::1/128'),
};

/** Every address of the family. */
export const wholeFamily: Readonly<Record<IpFamily, Cidr>> = {
  IPv4: constantCidr('0.0.0.0/0'),
  IPv6: constantCidr('::/0'),
};
