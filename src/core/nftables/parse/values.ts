/** Single words of nft to values; undefined for what is not one. */
import { type Cidr, familyOf, type IpAddress, type IpFamily, parseIpAddress } from '../../model/address.ts';
import { parseCidr } from '../../model/cidr.ts';
import type { Protocol } from '../../model/objects.ts';
import { isInteger, isName } from '../words.ts';

/** nft shows a number where the machine has no /etc/protocols. */
const protocols: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['sctp', 'SCTP'],
  ['6', 'TCP'],
  ['17', 'UDP'],
  ['132', 'SCTP'],
]);

export function readProtocol(word: string): Protocol | undefined {
  return protocols.get(word);
}

/** The address of this family, in whatever form. */
export function readAddress(family: IpFamily, word: string): IpAddress | undefined {
  const address = parseIpAddress(word);
  return address !== undefined && familyOf(address) === family ? address : undefined;
}

/** The block of this family, with all host bits zero. */
export function readBlock(family: IpFamily, word: string): Cidr | undefined {
  const block = parseCidr(word);
  return block !== undefined && familyOf(block) === family ? block : undefined;
}

/** A decimal number without leading zeros, up to `limit`. */
export function readNumber(word: string, limit: number): number | undefined {
  return /^(?:0|[1-9][0-9]{0,9})$/.test(word) && Number(word) <= limit ? Number(word) : undefined;
}

/** The number of the only bit that is set in a mark. */
export function readBit(word: string): number | undefined {
  const mark = readMark(word);
  if (mark === undefined || mark === 0) return undefined;
  const bit = 31 - Math.clz32(mark);
  return mark === (1 << bit) >>> 0 ? bit : undefined;
}

/** The number of the only bit that is not set in a mark. */
export function readMissingBit(word: string): number | undefined {
  const mark = readMark(word);
  return mark === undefined ? undefined : readBit(`0x${(~mark >>> 0).toString(16)}`);
}

export function isZero(word: string): true | undefined {
  return readMark(word) === 0 ? true : undefined;
}

/** The name after `@`. */
export function readSetName(word: string): string | undefined {
  return word.startsWith('@') ? readName(word.slice(1)) : undefined;
}

export function readName(word: string): string | undefined {
  return isName(word) ? word : undefined;
}

/** What stands between quotes. */
export function readQuoted(word: string): string | undefined {
  return word.length >= 2 && word.startsWith('"') && word.endsWith('"') ? word.slice(1, -1) : undefined;
}

/** `1d3h`, in seconds. */
export function readSeconds(word: string): number | undefined {
  const match = /^(?:([0-9]{1,6})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?$/.exec(word);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = [1, 2, 3, 4].map((i) => Number(match[i] ?? 0));
  const total = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return total > 0 ? total : undefined;
}

function readMark(word: string): number | undefined {
  const mark = /^0x[0-9a-f]{1,8}$/.test(word) ? Number(word) : undefined;
  return mark !== undefined && isInteger(mark, 0, 0xffffffff) ? mark : undefined;
}
