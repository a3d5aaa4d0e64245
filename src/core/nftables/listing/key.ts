/** The rule being read, and the fields of a packet that its look-ups ask for. */
import type { IpFamily } from '../../model/address.ts';
import type { Protocol } from '../../model/objects.ts';
import type { ElementType, Key, KeyField } from '../ruleset.ts';
import { addressWords } from '../words.ts';
import { acceptAll, readElements } from './elements.ts';
import type { ForeignMatch, ForeignSet, ForeignStatement } from './ruleset.ts';
import { take, takeAs, type WordReader } from './tokens.ts';
import { readNumber, readProtocol } from './values.ts';

/** A rule being read. */
export interface RuleReader extends WordReader {
  readonly family: IpFamily;
  readonly matches: ForeignMatch[];
  readonly statements: ForeignStatement[];
  /** Keeps a set whose elements are in the rule, and gives it a name. */
  readonly addSet: (set: Omit<ForeignSet, 'name'>) => string;
  /** Set when words are taken that our own rules never have, although the values that they become may be ours. */
  isLoose: boolean;
}

/**
 * `ip daddr . meta l4proto . th dport`. Undefined when it is not that; the reader is then anywhere. `tcp dport` says
 * what `meta l4proto tcp th dport` says and comes without that, so the match of the protocol goes before it.
 */
export function readKey(reader: RuleReader): Key | undefined {
  // The same as `meta l4proto` but for fragments.
  if (reader.family === 'IPv4' && take(reader, 'ip', 'protocol')) {
    reader.isLoose = true;
    return ['l4proto'];
  }
  const key: KeyField[] = [];
  let protocol: Protocol | undefined;
  do {
    const read = readField(reader);
    if (read === undefined) return undefined;
    key.push(read.field);
    protocol ??= read.protocol;
  } while (take(reader, '.'));
  if (protocol !== undefined) imply(reader, protocol);
  return key;
}

function readField(reader: RuleReader): { readonly field: KeyField; readonly protocol?: Protocol } | undefined {
  const address = addressWords[reader.family];
  if (take(reader, address, 'saddr')) return { field: 'saddr' };
  if (take(reader, address, 'daddr')) return { field: 'daddr' };
  if (take(reader, 'meta', 'l4proto')) return { field: 'l4proto' };
  if (take(reader, 'th', 'dport')) return { field: 'dport' };
  if (take(reader, 'ct', 'original', address, 'daddr')) return { field: 'originalDaddr' };
  if (take(reader, 'ct', 'original', 'proto-dst')) return { field: 'originalDport' };
  if (take(reader, 'numgen', 'random', 'mod')) {
    const random = takeAs(reader, (word) => readNumber(word, 0x10000));
    return random === undefined || random === 0 ? undefined : { field: { random } };
  }
  const protocol = takeAs(reader, (word) => (/^[a-z]/.test(word) ? readProtocol(word) : undefined));
  return protocol !== undefined && take(reader, 'dport') ? { field: 'dport', protocol } : undefined;
}

function imply({ matches }: RuleReader, protocol: Protocol): void {
  const isKnown = matches.some(
    (match) =>
      match.kind === 'protocols' &&
      match.negated !== true &&
      match.protocols.length === 1 &&
      match.protocols[0] === protocol,
  );
  if (!isKnown) matches.push({ kind: 'protocols', protocols: [protocol] });
}

/**
 * A set on the spot: keeps it, and gives its name. `{ … }`, or a single element without braces. Undefined when it is
 * not that; the reader is then anywhere.
 */
export function takeElements(reader: RuleReader, key: Key, value?: ForeignSet['value']): string | undefined {
  const { family, words } = reader;
  const start = take(reader, '{') ? reader.at : undefined;
  const end = start === undefined ? reader.at + 1 : words.indexOf('}', start);
  if (end === -1 || end > words.length || (start === undefined && key.length > 1)) return undefined;
  const set = { key: key.map(typeOf), ...(value === undefined ? {} : { value }) };
  const { elements, strays } = readElements(words.slice(reader.at, end).join(' '), { family, ...set }, acceptAll);
  reader.at = start === undefined ? end : end + 1;
  return strays.length > 0 ? undefined : reader.addSet({ ...set, groups: [[{ owner: '', elements }]] });
}

function typeOf(field: KeyField): ElementType {
  switch (field) {
    case 'saddr':
    case 'daddr':
    case 'originalDaddr':
      return 'address';
    case 'l4proto':
      return 'protocol';
    case 'dport':
    case 'originalDport':
      return 'port';
    default:
      return 'slot';
  }
}
