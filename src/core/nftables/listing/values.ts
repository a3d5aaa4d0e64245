/** Words that our own tables never have, to values. */
import type { IpFamily } from '../../model/address.ts';
import { readAddress, readBlock, readNumber, readProtocol } from '../parse/values.ts';
import type { ElementPart, ElementType } from '../ruleset.ts';

/** NFT_NAME_MAXLEN is 256 with the final NUL (include/uapi/linux/netfilter/nf_tables.h); the letters are nft's. */
const namePattern = /^[A-Za-z_.][A-Za-z0-9_./\\-]{0,254}$/;

export function readForeignName(word: string): string | undefined {
  return namePattern.test(word) ? word : undefined;
}

/** The name after `@`. */
export function readForeignSetName(word: string): string | undefined {
  return word.startsWith('@') ? readForeignName(word.slice(1)) : undefined;
}

/** Part of an element's key: an address may be a block. */
export function readPart(type: ElementType, family: IpFamily, word: string): ElementPart | undefined {
  switch (type) {
    case 'address':
      return readAddress(family, word) ?? readBlock(family, word);
    case 'protocol':
      return readProtocol(word);
    case 'port':
    case 'slot':
      return readNumber(word, 0xffff);
    default:
      return type satisfies never;
  }
}

/** `0x00004000`, or `16384` as nft before 0.9 has it. */
export function readMarkNumber(word: string): number | undefined {
  return /^0x[0-9a-f]{1,8}$/.test(word) ? Number(word) : readNumber(word, 0xffffffff);
}
