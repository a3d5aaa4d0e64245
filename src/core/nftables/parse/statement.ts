/** What a rule does with a packet. */
import { formatHostPort, type IpFamily } from '../../model/address.ts';
import type { Protocol } from '../../model/objects.ts';
import { take, takeAs, takeList, type WordReader } from '../listing/tokens.ts';
import type { Statement } from '../ruleset.ts';
import { addressWords } from '../words.ts';
import { readKey } from './key.ts';
import { readAddress, readBit, readMissingBit, readName, readNumber, readSetName } from './values.ts';

/**
 * Takes one statement; undefined when there is none, and the reader is then anywhere. `imply` is told of a protocol
 * that its key asks for without a match of its own.
 */
export function readStatement(
  reader: WordReader,
  family: IpFamily,
  imply: (protocol: Protocol) => void,
): Statement | undefined {
  for (const kind of ['jump', 'goto'] as const) {
    if (!take(reader, kind)) continue;
    const chain = takeAs(reader, readName);
    return chain === undefined ? undefined : { kind, chain };
  }
  for (const kind of ['accept', 'drop', 'return'] as const) {
    if (take(reader, kind)) return { kind };
  }
  if (take(reader, 'reject')) return { kind: 'reject' };
  if (take(reader, 'masquerade', 'fully-random')) return { kind: 'masquerade' };
  if (take(reader, 'meta', 'mark', 'set', 'meta', 'mark')) return readMark(reader);
  if (take(reader, 'update')) return readRemember(reader, family);
  if (take(reader, 'dnat')) return readDnat(reader, family, imply);
  return readVerdictMap(reader, family, imply);
}

function readMark(reader: WordReader): Statement | undefined {
  const kind = take(reader, '|') ? 'setMarkBit' : take(reader, '&') ? 'clearMarkBit' : undefined;
  const bit = takeAs(reader, kind === 'setMarkBit' ? readBit : readMissingBit);
  return kind === undefined || bit === undefined ? undefined : { kind, bit };
}

function readRemember(reader: WordReader, family: IpFamily): Statement | undefined {
  const set = takeAs(reader, readSetName);
  const isSource = take(reader, '{', addressWords[family], 'saddr', '}');
  return set === undefined || !isSource ? undefined : { kind: 'remember', set };
}

function readDnat(reader: WordReader, family: IpFamily, imply: (protocol: Protocol) => void): Statement | undefined {
  const namesFamily = take(reader, addressWords[family]);
  if (!take(reader, 'to')) return undefined;
  const destination = takeAs(reader, (word) => readDestination(family, word));
  if (destination !== undefined) return { kind: 'dnat', ...destination };
  const read = readKey(reader, family);
  const map = take(reader, 'map') ? takeAs(reader, readSetName) : undefined;
  // `dnat to KEY map` would give the map's port another meaning.
  if (!namesFamily || read === undefined || map === undefined) return undefined;
  if (read.protocol !== undefined) imply(read.protocol);
  return { kind: 'dnatMap', key: read.key, map };
}

/** `10.0.0.1:80` or `[fd00::1]:80`. */
function readDestination(
  family: IpFamily,
  word: string,
): Pick<Extract<Statement, { kind: 'dnat' }>, 'address' | 'port'> | undefined {
  const colon = word.lastIndexOf(':');
  const host = word.slice(0, Math.max(colon, 0));
  const address = readAddress(family, family === 'IPv6' ? host.replace(/^\[(.*)\]$/, '$1') : host);
  const port = readNumber(word.slice(colon + 1), 0xffff);
  if (address === undefined || port === undefined || !word.startsWith(formatHostPort(address, port).charAt(0))) {
    return undefined;
  }
  return { address, port };
}

/** `KEY vmap @map`, or `numgen random mod 2 vmap { 0 : goto a, 1 : goto b }`. */
function readVerdictMap(
  reader: WordReader,
  family: IpFamily,
  imply: (protocol: Protocol) => void,
): Statement | undefined {
  const read = readKey(reader, family);
  if (read === undefined || !take(reader, 'vmap')) return undefined;
  const map = takeAs(reader, readSetName);
  if (map !== undefined) {
    if (read.protocol !== undefined) imply(read.protocol);
    return { kind: 'verdictMap', key: read.key, map };
  }
  let number = 0;
  const chains = takeList(reader, () => {
    const isNext = take(reader, String(number), ':', 'goto');
    number += 1;
    return isNext ? takeAs(reader, readName) : undefined;
  });
  const [field] = read.key;
  const isChoice = read.key.length === 1 && typeof field === 'object' && field.random === chains?.length;
  return isChoice && chains !== undefined ? { kind: 'chooseChain', chains } : undefined;
}
