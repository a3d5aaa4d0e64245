/** What a rule asks of a packet. */
import type { IpFamily } from '../../model/address.ts';
import type { Protocol } from '../../model/objects.ts';
import { readKey, takeBlock } from '../parse/key.ts';
import { readProtocol, readQuoted } from '../parse/values.ts';
import type { ElementType, Key, KeyField } from '../ruleset.ts';
import { isInterface } from '../words.ts';
import { readElements } from './elements.ts';
import type { ForeignElement, ForeignMatch, ForeignSet } from './ruleset.ts';
import { take, takeAs, takeList, type WordReader } from './tokens.ts';
import { readForeignSetName, readMarkNumber, readPart } from './values.ts';

/** A rule being read. */
export interface RuleReader extends WordReader {
  readonly family: IpFamily;
  readonly matches: ForeignMatch[];
  /** Keeps a set whose elements stood in the rule, and gives it a name. */
  readonly addSet: (set: Omit<ForeignSet, 'name'>) => string;
}

/** Takes one match; undefined when there is none, and the reader is then anywhere. */
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
  if (take(reader, 'meta', 'mark')) return readMark(reader);
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
  const readState = () => takeAs(reader, (word) => (ctStates.has(word) ? word : undefined));
  const states = take(reader, '{') ? takeStates(reader, readState, '}') : takeStates(reader, readState, undefined);
  if (states === undefined) return undefined;
  const [state] = states;
  if (states.length === 1 && negation.negated !== true && (state === 'new' || state === 'invalid')) {
    return { kind: 'ctState', state };
  }
  return { kind: 'ctStates', states, ...negation };
}

function takeStates(
  reader: RuleReader,
  readState: () => string | undefined,
  end: '}' | undefined,
): readonly string[] | undefined {
  const states: string[] = [];
  do {
    const state = readState();
    if (state === undefined) return undefined;
    states.push(state);
  } while (take(reader, ','));
  return end === undefined || take(reader, end) ? states : undefined;
}

/** `& MASK != 0`, or a comparison of the whole mark. */
function readMark(reader: RuleReader): ForeignMatch | undefined {
  const mask = take(reader, '&') ? takeAs(reader, readMarkNumber) : 0xffffffff;
  const isOther = take(reader, '!=');
  if (!isOther) take(reader, '==');
  // nft takes the highest bit for a prefix.
  if (isOther && take(reader, '0x00000000/1')) return { kind: 'markBit', bit: 31 };
  const value = takeAs(reader, readMarkNumber);
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
  const read = readForeignKey(reader);
  if (read === undefined) return undefined;
  const { key, protocol } = read;
  const negation = readNegation(reader);
  if (protocol !== undefined) imply(reader, protocol);
  const set = takeAs(reader, readForeignSetName);
  if (set !== undefined) return { kind: 'in', key, set, ...negation };
  return readConstant(reader, key, negation) ?? readElementsMatch(reader, key, negation);
}

/** As in our own rules; `ip protocol` too, which is the same but for fragments. */
export function readForeignKey(reader: RuleReader): ReturnType<typeof readKey> {
  if (reader.family === 'IPv4' && take(reader, 'ip', 'protocol')) return { key: ['l4proto'] };
  return readKey(reader, reader.family);
}

function readConstant(reader: RuleReader, key: Key, negation: Negation): ForeignMatch | undefined {
  const field: KeyField | undefined = key.length === 1 ? key[0] : undefined;
  if (field === 'saddr' || field === 'daddr') {
    const block = takeBlock(reader, reader.family);
    return block === undefined ? undefined : { kind: 'block', field, block, ...negation };
  }
  if (field !== 'l4proto') return undefined;
  const start = reader.at;
  const single = takeAs(reader, readProtocol);
  const protocols = single === undefined ? takeList(reader, () => takeAs(reader, readProtocol)) : [single];
  if (protocols === undefined) reader.at = start;
  return protocols === undefined ? undefined : { kind: 'protocols', protocols, ...negation };
}

/** A set on the spot, or a single element of one. */
function readElementsMatch(reader: RuleReader, key: Key, negation: Negation): ForeignMatch | undefined {
  const types = key.map(typeOf);
  const shape = { family: reader.family, key: types, value: undefined };
  const read = readElements(reader, shape) ?? readSingle(reader, types);
  if (read === undefined || read.strays.length > 0) return undefined;
  return { kind: 'in', key, set: reader.addSet(anonymousSet(types, read.elements)), ...negation };
}

function readSingle(reader: RuleReader, types: readonly ElementType[]): ReturnType<typeof readElements> {
  const [type] = types;
  if (types.length !== 1 || type === undefined) return undefined;
  const part = takeAs(reader, (word) => readPart(type, reader.family, word));
  return part === undefined ? undefined : { elements: [{ key: [part] }], learned: [], strays: [] };
}

export function anonymousSet(
  key: readonly ElementType[],
  elements: readonly ForeignElement[],
  value?: ForeignSet['value'],
): Omit<ForeignSet, 'name'> {
  return { key, ...(value === undefined ? {} : { value }), groups: [[{ owner: '', elements }]] };
}

export function typeOf(field: KeyField): ElementType {
  switch (field) {
    case 'saddr':
    case 'daddr':
      return 'address';
    case 'l4proto':
      return 'protocol';
    case 'dport':
      return 'port';
    default:
      return 'slot';
  }
}

/** `tcp dport` says what `meta l4proto tcp th dport` says, and comes without that. */
export function imply({ matches }: RuleReader, protocol: Protocol): void {
  const isKnown = matches.some(
    (match) =>
      match.kind === 'protocols' &&
      match.negated !== true &&
      match.protocols.length === 1 &&
      match.protocols[0] === protocol,
  );
  if (!isKnown) matches.push({ kind: 'protocols', protocols: [protocol] });
}
