/** Parses a match of a rule. */
import type { Cidr, IpFamily } from '../../model/address.ts';
import { hostCidr } from '../../model/cidr.ts';
import type { Key, KeyField } from '../ruleset.ts';
import { isInterface } from '../words.ts';
import { type RuleReader, readKey, takeElements } from './key.ts';
import type { ForeignMatch } from './ruleset.ts';
import { take, takeAs, takeItems, takeList, type WordReader } from './tokens.ts';
import { readAddress, readBlock, readMark, readProtocol, readQuoted, readSetName } from './values.ts';

/** Takes one match; undefined if there is none; the position of the reader is then unspecified. */
export function readMatch(reader: RuleReader): ForeignMatch | undefined {
  if (take(reader, 'fib')) return readLocal(reader);
  if (take(reader, 'iifname')) {
    const negation = readNegation(reader);
    const name = takeAs(reader, readQuoted);
    return name !== undefined && isInterface(name) ? { kind: 'inputInterface', name, ...negation } : undefined;
  }
  if (take(reader, 'ct', 'state')) return readStates(reader);
  if (take(reader, 'ct', 'status', 'dnat')) return { kind: 'destinationRewritten' };
  if (take(reader, 'ct', 'status', '!', 'dnat')) return { kind: 'destinationRewritten', negated: true };
  if (take(reader, 'meta', 'mark')) return readMarkMatch(reader);
  return readKeyMatch(reader);
}

function readLocal(reader: RuleReader): ForeignMatch | undefined {
  const field = takeAs(reader, (word) => (word === 'saddr' || word === 'daddr' ? word : undefined));
  const isType = take(reader, 'type');
  const { negated } = readNegation(reader);
  if (field === undefined || !isType || !take(reader, 'local')) return undefined;
  return negated === true ? { kind: 'local', field, negated } : { kind: 'local', field };
}

const ctStates: ReadonlySet<string> = new Set(['invalid', 'new', 'established', 'related', 'untracked']);

/** `established,related`, or `{ new, established }` as a set. */
function readStates(reader: RuleReader): ForeignMatch | undefined {
  const negation = readNegation(reader);
  const takeState = () => takeAs(reader, (word) => (ctStates.has(word) ? word : undefined));
  const isSet = reader.words[reader.at] === '{';
  const states = isSet ? takeList(reader, takeState) : takeItems(reader, takeState);
  if (states === undefined) return undefined;
  const [state] = states;
  if (states.length === 1 && negation.negated !== true && (state === 'new' || state === 'invalid')) {
    reader.isLoose ||= isSet;
    return { kind: 'ctState', state };
  }
  return { kind: 'ctStates', states, ...negation };
}

/** `& MASK != 0`, or a comparison of the whole mark. */
function readMarkMatch(reader: RuleReader): ForeignMatch | undefined {
  const mask = take(reader, '&') ? takeAs(reader, readMark) : 0xffffffff;
  const isOther = take(reader, '!=');
  if (!isOther) take(reader, '==');
  // nft reads the highest bit as a prefix.
  if (isOther && take(reader, '0x00000000/1')) return { kind: 'markBit', bit: 31 };
  const value = takeAs(reader, readMark);
  if (mask === undefined || value === undefined) return undefined;
  const bit = 31 - Math.clz32(mask);
  if (isOther && value === 0 && mask === (1 << bit) >>> 0) return { kind: 'markBit', bit };
  return { kind: 'mark', mask, value, ...(isOther ? { negated: true } : {}) };
}

interface Negation {
  readonly negated?: true;
}

function readNegation(reader: WordReader): Negation {
  return take(reader, '!=') ? { negated: true } : {};
}

/** `KEY @set`, `KEY { … }`, `KEY VALUE`. */
function readKeyMatch(reader: RuleReader): ForeignMatch | undefined {
  const key = readKey(reader);
  if (key === undefined) return undefined;
  const negation = readNegation(reader);
  const set = takeAs(reader, readSetName);
  if (set !== undefined) return { kind: 'in', key, set, ...negation };
  const constant = readConstant(reader, key, negation);
  if (constant !== undefined) return constant;
  const anonymous = takeElements(reader, key);
  return anonymous === undefined ? undefined : { kind: 'in', key, set: anonymous, ...negation };
}

/** `ip saddr BLOCK` or `meta l4proto { tcp, udp }`. Undefined for any other text; the reader does not move then. */
function readConstant(reader: RuleReader, key: Key, negation: Negation): ForeignMatch | undefined {
  const field: KeyField | undefined = key.length === 1 ? key[0] : undefined;
  if (field === 'saddr' || field === 'daddr') {
    const block = takeAs(reader, (word) => readBlockOrHost(reader.family, word));
    return block === undefined ? undefined : { kind: 'block', field, block, ...negation };
  }
  if (field !== 'l4proto') return undefined;
  const start = reader.at;
  const single = takeAs(reader, readProtocol);
  const protocols = single === undefined ? takeList(reader, () => takeAs(reader, readProtocol)) : [single];
  if (protocols === undefined) reader.at = start;
  return protocols === undefined ? undefined : { kind: 'protocols', protocols, ...negation };
}

/** A block; a single address becomes the block of that address. */
function readBlockOrHost(family: IpFamily, word: string): Cidr | undefined {
  const address = readAddress(family, word);
  return address === undefined ? readBlock(family, word) : hostCidr(address);
}
