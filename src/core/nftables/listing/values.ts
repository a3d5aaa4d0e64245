/** Parses single words of nft; undefined for invalid ones. */
import { type Cidr, familyOf, type IpAddress, type IpFamily, parseIpAddress } from '../../model/address.ts';
import { parseCidr } from '../../model/cidr.ts';
import type { Protocol } from '../../model/objects.ts';

/** nft shows a number if the machine has no /etc/protocols. */
const protocols: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['sctp', 'SCTP'],
  ['6', 'TCP'],
  ['17', 'UDP'],
  ['132', 'SCTP'],
]);

/** A protocol by its name or number. */
export function readProtocol(word: string): Protocol | undefined {
  return protocols.get(word);
}

/** The address of this family, in any notation. */
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

/** A mark: `0x00004000`, or `16384` as nft before 0.9 has it. */
export function readMark(word: string): number | undefined {
  return /^0x[0-9a-f]{1,8}$/.test(word) ? Number(word) : readNumber(word, 0xffffffff);
}

/** NFT_NAME_MAXLEN is 256 with the final NUL (include/uapi/linux/netfilter/nf_tables.h); the letters are nft's. */
const namePattern = /^[A-Za-z_.][A-Za-z0-9_./\\-]{0,254}$/;

/** The name of any chain or set. */
export function readName(word: string): string | undefined {
  return namePattern.test(word) ? word : undefined;
}

/** The name after `@`. */
export function readSetName(word: string): string | undefined {
  return word.startsWith('@') ? readName(word.slice(1)) : undefined;
}

/** The text between quotes. */
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
