/** The fields of a packet that a look-up asks for, and the blocks that one is compared with. */
import type { Cidr, IpFamily } from '../../model/address.ts';
import { hostCidr } from '../../model/cidr.ts';
import type { Protocol } from '../../model/objects.ts';
import { take, takeAs, type WordReader } from '../listing/tokens.ts';
import type { Key, KeyField } from '../ruleset.ts';
import { addressWords } from '../words.ts';
import { readAddress, readBlock, readNumber, readProtocol } from './values.ts';

/** A key, and the protocol of its port where it says `tcp dport` and not `th dport`. */
export interface ReadKey {
  readonly key: Key;
  readonly protocol?: Protocol;
}

/** `ip daddr . meta l4proto . th dport`. Undefined when it is not that; the reader is then anywhere. */
export function readKey(reader: WordReader, family: IpFamily): ReadKey | undefined {
  const key: KeyField[] = [];
  let protocol: Protocol | undefined;
  do {
    const read = readField(reader, family);
    if (read === undefined) return undefined;
    key.push(read.field);
    protocol ??= read.protocol;
  } while (take(reader, '.'));
  return protocol === undefined ? { key } : { key, protocol };
}

function readField(
  reader: WordReader,
  family: IpFamily,
): { readonly field: KeyField; readonly protocol?: Protocol } | undefined {
  const address = addressWords[family];
  if (take(reader, address, 'saddr')) return { field: 'saddr' };
  if (take(reader, address, 'daddr')) return { field: 'daddr' };
  if (take(reader, 'meta', 'l4proto')) return { field: 'l4proto' };
  if (take(reader, 'th', 'dport')) return { field: 'dport' };
  if (take(reader, 'numgen', 'random', 'mod')) {
    const random = takeAs(reader, (word) => readNumber(word, 0x10000));
    return random === undefined || random === 0 ? undefined : { field: { random } };
  }
  const protocol = takeAs(reader, (word) => (/^[a-z]/.test(word) ? readProtocol(word) : undefined));
  return protocol !== undefined && take(reader, 'dport') ? { field: 'dport', protocol } : undefined;
}

/** A block, or an address as the block that holds it alone. */
export function takeBlock(reader: WordReader, family: IpFamily): Cidr | undefined {
  return takeAs(reader, (word) => {
    const address = readAddress(family, word);
    return address === undefined ? readBlock(family, word) : hostCidr(address);
  });
}
