/** Parses a statement of a rule. */
import { formatHostPort, type IpFamily } from '../../model/address.ts';
import type { Statement } from '../ruleset.ts';
import { addressWords } from '../words.ts';
import { type RuleReader, readKey, takeElements } from './key.ts';
import type { ForeignStatement } from './ruleset.ts';
import { take, takeAs } from './tokens.ts';
import { readAddress, readMark, readName, readNumber, readSetName } from './values.ts';

/** Takes one statement; undefined if there is none; the position of the reader is then unspecified. */
export function readStatement(reader: RuleReader): ForeignStatement | undefined {
  for (const kind of ['jump', 'goto'] as const) {
    if (!take(reader, kind)) continue;
    const chain = takeAs(reader, readName);
    return chain === undefined ? undefined : { kind, chain };
  }
  for (const kind of ['accept', 'drop', 'return'] as const) {
    if (take(reader, kind)) return { kind };
  }
  if (take(reader, 'reject')) return readReject(reader);
  if (take(reader, 'masquerade')) return readMasquerade(reader);
  if (take(reader, 'meta', 'mark', 'set')) return readMarkStatement(reader);
  if (take(reader, 'update')) return readRemember(reader);
  if (take(reader, 'add')) {
    reader.isLoose = true;
    return readRemember(reader);
  }
  if (take(reader, 'dnat')) return readDnat(reader);
  return readVerdictMap(reader);
}

/** With any error type: all of them refuse. */
function readReject(reader: RuleReader): Statement {
  if (take(reader, 'with')) {
    reader.isLoose = true;
    while (reader.at < reader.words.length && reader.words[reader.at] !== 'comment') reader.at += 1;
  }
  return { kind: 'reject' };
}

/** With any port flags; we use `fully-random` only. */
function readMasquerade(reader: RuleReader): Statement {
  const start = reader.at;
  while (take(reader, 'fully-random') || take(reader, 'random') || take(reader, 'persistent') || take(reader, ','));
  reader.isLoose ||= reader.at !== start + 1 || reader.words[start] !== 'fully-random';
  return { kind: 'masquerade' };
}

function readMarkStatement(reader: RuleReader): ForeignStatement | undefined {
  if (!take(reader, 'meta', 'mark')) {
    const mark = takeAs(reader, readMark);
    return mark === undefined ? undefined : { kind: 'mark', mask: 0xffffffff, mark };
  }
  const operator = takeAs(reader, (word) => (/^[|&^]$/.test(word) ? word : undefined));
  const operand = takeAs(reader, readMark);
  if (operator === undefined || operand === undefined) return undefined;
  if (operator === '^') return { kind: 'mark', mask: 0, mark: operand };
  const bits = operator === '|' ? operand : ~operand >>> 0;
  const bit = 31 - Math.clz32(bits);
  if (bits === (1 << bit) >>> 0) return { kind: operator === '|' ? 'setMarkBit' : 'clearMarkBit', bit };
  return { kind: 'mark', mask: bits, mark: operator === '|' ? operand : 0 };
}

function readRemember(reader: RuleReader): Statement | undefined {
  const set = takeAs(reader, readSetName);
  const isSource = take(reader, '{', addressWords[reader.family], 'saddr', '}');
  return set === undefined || !isSource ? undefined : { kind: 'remember', set };
}

/** `dnat to ADDRESS:PORT`, `dnat ip to KEY map @map`, `dnat ip addr . port to KEY map { … }`. */
function readDnat(reader: RuleReader): Statement | undefined {
  const namesFamily = take(reader, addressWords[reader.family]);
  const namesParts = take(reader, 'addr', '.', 'port');
  if (!take(reader, 'to')) return undefined;
  const destination = takeAs(reader, (word) => readDestination(reader.family, word));
  reader.isLoose ||= namesParts || (destination === undefined && !namesFamily);
  if (destination !== undefined) return { kind: 'dnat', ...destination };
  const lookUp = readLookUp(reader, 'map', 'destination');
  return lookUp === undefined ? undefined : { kind: 'dnatMap', ...lookUp };
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
  const lookUp = readLookUp(reader, 'vmap', 'verdict');
  return lookUp === undefined ? undefined : { kind: 'verdictMap', ...lookUp };
}

/** `KEY map @map`, or with an anonymous map. */
function readLookUp(
  reader: RuleReader,
  word: 'map' | 'vmap',
  value: 'verdict' | 'destination',
): Pick<Extract<Statement, { kind: 'verdictMap' }>, 'key' | 'map'> | undefined {
  const key = readKey(reader);
  if (key === undefined || !take(reader, word)) return undefined;
  const map = takeAs(reader, readSetName) ?? takeElements(reader, key, value);
  return map === undefined ? undefined : { key, map };
}
