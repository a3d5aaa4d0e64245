/** A rule's words to a value. */
import type { IpFamily } from '../../model/address.ts';
import type { Protocol } from '../../model/objects.ts';
import { splitWords, take, takeAs, takeList, type WordReader } from '../listing/tokens.ts';
import type { Key, KeyField, NftablesMatch, NftablesRule, Statement } from '../ruleset.ts';
import { isInterface } from '../words.ts';
import { readKey, takeBlock } from './key.ts';
import { readStatement } from './statement.ts';
import { isZero, readBit, readProtocol, readQuoted, readSetName } from './values.ts';

/** A rule being read. */
interface RuleReader extends WordReader {
  readonly family: IpFamily;
  readonly matches: NftablesMatch[];
  readonly statements: Statement[];
}

/** Reads a rule as `nft list` shows it; a text that says what is wrong when that fails. */
export function parseRule(family: IpFamily, text: string): NftablesRule | string {
  const reader: RuleReader = { family, words: splitWords(text), at: 0, matches: [], statements: [] };
  const { words, matches, statements } = reader;
  while (reader.at < words.length) {
    if (take(reader, 'comment')) {
      const comment = takeAs(reader, readQuoted);
      if (comment === undefined || reader.at < words.length) return 'not a comment at the end';
      return isEmpty(reader) ? 'nothing but a comment' : { matches, statements, comment };
    }
    const start = reader.at;
    if (!readPart(reader)) return `not understood: ${words.slice(start).join(' ')}`;
  }
  return isEmpty(reader) ? 'an empty rule' : { matches, statements };
}

function isEmpty({ matches, statements }: RuleReader): boolean {
  return matches.length + statements.length === 0;
}

/** Takes one match or statement, or a counter, which says nothing about packets. */
function readPart(reader: RuleReader): boolean {
  if (take(reader, 'counter')) {
    return !take(reader, 'packets') || (skipNumber(reader) && take(reader, 'bytes') && skipNumber(reader));
  }
  const start = reader.at;
  const match = readMatch(reader);
  if (match !== undefined) {
    // A match after a statement has been carried out is not the same as one before it.
    if (reader.statements.length > 0) return false;
    reader.matches.push(match);
    return true;
  }
  reader.at = start;
  const statement = readStatement(reader, reader.family, (protocol) => imply(reader, protocol));
  if (statement !== undefined) reader.statements.push(statement);
  return statement !== undefined;
}

function skipNumber(reader: WordReader): boolean {
  return takeAs(reader, (word) => (/^[0-9]+$/.test(word) ? true : undefined)) === true;
}

function readMatch(reader: RuleReader): NftablesMatch | undefined {
  if (take(reader, 'fib')) return readLocal(reader);
  if (take(reader, 'iifname')) {
    const negation = readNegation(reader);
    const name = takeAs(reader, readQuoted);
    return name !== undefined && isInterface(name) ? { kind: 'inputInterface', name, ...negation } : undefined;
  }
  if (take(reader, 'ct', 'state', 'new')) return { kind: 'ctState', state: 'new' };
  if (take(reader, 'ct', 'state', 'invalid')) return { kind: 'ctState', state: 'invalid' };
  if (take(reader, 'ct', 'status', 'dnat')) return { kind: 'destinationRewritten' };
  if (take(reader, 'ct', 'status', '!', 'dnat')) return { kind: 'destinationRewritten', negated: true };
  // nft takes the highest bit for a prefix.
  if (take(reader, 'meta', 'mark', '!=', '0x00000000/1')) return { kind: 'markBit', bit: 31 };
  if (take(reader, 'meta', 'mark', '&')) {
    const bit = takeAs(reader, readBit);
    return bit !== undefined && take(reader, '!=') && takeAs(reader, isZero) ? { kind: 'markBit', bit } : undefined;
  }
  return readKeyMatch(reader);
}

function readLocal(reader: RuleReader): NftablesMatch | undefined {
  const field = takeAs(reader, (word) => (word === 'saddr' || word === 'daddr' ? word : undefined));
  return field !== undefined && take(reader, 'type', 'local') ? { kind: 'local', field } : undefined;
}

/** `KEY @set`, `ip saddr BLOCK` or `meta l4proto { tcp, udp }`. */
function readKeyMatch(reader: RuleReader): NftablesMatch | undefined {
  const read = readKey(reader, reader.family);
  if (read === undefined) return undefined;
  const { key, protocol } = read;
  const negation = readNegation(reader);
  const set = takeAs(reader, readSetName);
  if (set !== undefined) {
    if (protocol !== undefined) imply(reader, protocol);
    return { kind: 'in', key, set, ...negation };
  }
  return readConstant(reader, key, negation);
}

interface Negation {
  readonly negated?: true;
}

function readNegation(reader: WordReader): Negation {
  return take(reader, '!=') ? { negated: true } : {};
}

function readConstant(reader: RuleReader, key: Key, negation: Negation): NftablesMatch | undefined {
  const field: KeyField | undefined = key.length === 1 ? key[0] : undefined;
  if (field === 'saddr' || field === 'daddr') {
    const block = takeBlock(reader, reader.family);
    return block === undefined ? undefined : { kind: 'block', field, block, ...negation };
  }
  if (field !== 'l4proto') return undefined;
  const single = takeAs(reader, readProtocol);
  const protocols = single === undefined ? takeList(reader, () => takeAs(reader, readProtocol)) : [single];
  return protocols === undefined ? undefined : { kind: 'protocols', protocols, ...negation };
}

/**
 * nft writes `tcp dport` for `th dport` after a match of that one protocol, which it leaves out. The match goes back
 * to just before the port: among matches the order is free.
 */
function imply({ matches }: RuleReader, protocol: Protocol): void {
  const known = matches.findLast((match) => match.kind === 'protocols' && match.negated !== true);
  if (known?.kind === 'protocols' && known.protocols.length === 1 && known.protocols[0] === protocol) return;
  matches.push({ kind: 'protocols', protocols: [protocol] });
}
