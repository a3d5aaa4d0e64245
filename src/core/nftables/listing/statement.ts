/** What a rule does with a packet. */
import { formatHostPort, type IpFamily } from '../../model/address.ts';
import { readAddress, readNumber } from '../parse/values.ts';
import type { Statement } from '../ruleset.ts';
import { addressWords } from '../words.ts';
import { readElements } from './elements.ts';
import { anonymousSet, imply, type RuleReader, readForeignKey, typeOf } from './match.ts';
import type { ForeignStatement } from './ruleset.ts';
import { take, takeAs, type WordReader } from './tokens.ts';
import { readForeignName, readForeignSetName, readMarkNumber } from './values.ts';

/** Takes one statement; undefined when there is none, and the reader is then anywhere. */
export function readStatement(reader: RuleReader): ForeignStatement | undefined {
  for (const kind of ['jump', 'goto'] as const) {
    if (!take(reader, kind)) continue;
    const chain = takeAs(reader, readForeignName);
    return chain === undefined ? undefined : { kind, chain };
  }
  for (const kind of ['accept', 'drop', 'return'] as const) {
    if (take(reader, kind)) return { kind };
  }
  if (take(reader, 'reject')) return readReject(reader);
  if (take(reader, 'masquerade')) return readMasquerade(reader);
  if (take(reader, 'meta', 'mark', 'set')) return readMark(reader);
  if (take(reader, 'update') || take(reader, 'add')) return readRemember(reader);
  if (take(reader, 'dnat')) return readDnat(reader);
  return readVerdictMap(reader);
}

/** With whatever error: they are all refusals. */
function readReject(reader: WordReader): Statement {
  if (take(reader, 'with')) {
    while (reader.at < reader.words.length && reader.words[reader.at] !== 'comment') reader.at += 1;
  }
  return { kind: 'reject' };
}

function readMasquerade(reader: WordReader): Statement {
  while (take(reader, 'fully-random') || take(reader, 'random') || take(reader, 'persistent') || take(reader, ','));
  return { kind: 'masquerade' };
}

function readMark(reader: WordReader): ForeignStatement | undefined {
  if (!take(reader, 'meta', 'mark')) {
    const mark = takeAs(reader, readMarkNumber);
    return mark === undefined ? undefined : { kind: 'mark', mask: 0xffffffff, mark };
  }
  const operator = takeAs(reader, (word) => (/^[|&^]$/.test(word) ? word : undefined));
  const operand = takeAs(reader, readMarkNumber);
  if (operator === undefined || operand === undefined) return undefined;
  if (operator === '^') return { kind: 'mark', mask: 0, mark: operand };
  const bits = operator === '|' ? operand : ~operand >>> 0;
  const bit = 31 - Math.clz32(bits);
  if (bits === (1 << bit) >>> 0) return { kind: operator === '|' ? 'setMarkBit' : 'clearMarkBit', bit };
  return { kind: 'mark', mask: bits, mark: operator === '|' ? operand : 0 };
}

function readRemember(reader: RuleReader): Statement | undefined {
  const set = takeAs(reader, readForeignSetName);
  const isSource = take(reader, '{', addressWords[reader.family], 'saddr', '}');
  return set === undefined || !isSource ? undefined : { kind: 'remember', set };
}

/** `dnat to ADDRESS:PORT`, `dnat ip to KEY map @map`, `dnat ip addr . port to KEY map { … }`. */
function readDnat(reader: RuleReader): Statement | undefined {
  take(reader, addressWords[reader.family]);
  take(reader, 'addr', '.', 'port');
  if (!take(reader, 'to')) return undefined;
  const destination = takeAs(reader, (word) => readDestination(reader.family, word));
  if (destination !== undefined) return { kind: 'dnat', ...destination };
  const read = readLookUp(reader, 'map', 'destination');
  return read === undefined ? undefined : { kind: 'dnatMap', ...read };
}

/** `10.0.0.1:80` or `[fd00::1]:80`. */
function readDestination(
  family: IpFamily,
  word: string,
): Pick<Extract<Statement, { kind: 'dnat' }>, 'address' | 'port'> | undefined {
  const colon = word.lastIndexOf(':');
  const address = readAddress(family, word.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1'));
  const port = readNumber(word.slice(colon + 1), 0xffff);
  if (address === undefined || port === undefined || !word.startsWith(formatHostPort(address, port).charAt(0))) {
    return undefined;
  }
  return { address, port };
}

function readVerdictMap(reader: RuleReader): Statement | undefined {
  const read = readLookUp(reader, 'vmap', 'verdict');
  return read === undefined ? undefined : { kind: 'verdictMap', ...read };
}

/** `KEY map @map`, or with its elements on the spot. */
function readLookUp(
  reader: RuleReader,
  word: 'map' | 'vmap',
  value: 'verdict' | 'destination',
): Pick<Extract<Statement, { kind: 'verdictMap' }>, 'key' | 'map'> | undefined {
  const read = readForeignKey(reader);
  if (read === undefined || !take(reader, word)) return undefined;
  const { key, protocol } = read;
  if (protocol !== undefined) imply(reader, protocol);
  const map = takeAs(reader, readForeignSetName);
  if (map !== undefined) return { key, map };
  const types = key.map(typeOf);
  const elements = readElements(reader, { family: reader.family, key: types, value });
  if (elements === undefined || elements.strays.length > 0) return undefined;
  return { key, map: reader.addSet(anonymousSet(types, elements.elements, value)) };
}
