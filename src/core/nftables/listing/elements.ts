/** `{ KEY : VALUE, … }`: the elements of named sets, and those on the spot. */
import type { IpFamily } from '../../model/address.ts';
import { readAddress, readNumber } from '../parse/values.ts';
import type { ElementPart, ElementType, NamedSet } from '../ruleset.ts';
import type { ForeignElement, ForeignValue } from './ruleset.ts';
import { take, takeAs, type WordReader } from './tokens.ts';
import { readForeignName, readPart } from './values.ts';

/** What the elements of a set look like. */
export interface ElementShape {
  readonly family: IpFamily;
  readonly key: readonly ElementType[];
  readonly value: NamedSet['value'];
}

export interface ReadElements {
  readonly elements: readonly ForeignElement[];
  /** Brought by packets, and forgotten after a time. */
  readonly learned: readonly ForeignElement[];
  /** What was between two commas and is no element of this shape. */
  readonly strays: readonly string[];
}

/** Takes all from the opening to the closing brace; undefined where there are no braces. */
export function readElements(reader: WordReader, shape: ElementShape): ReadElements | undefined {
  if (!take(reader, '{')) return undefined;
  const elements: ForeignElement[] = [];
  const learned: ForeignElement[] = [];
  const strays: string[] = [];
  while (!take(reader, '}')) {
    if (reader.at >= reader.words.length) return undefined;
    const start = reader.at;
    const read = readElement(reader, shape);
    if (read !== undefined && isAtEnd(reader)) (read.isLearned ? learned : elements).push(read.element);
    else strays.push(skipElement(reader, start));
    take(reader, ',');
  }
  return { elements, learned, strays };
}

function readElement(
  reader: WordReader,
  shape: ElementShape,
): { readonly element: ForeignElement; readonly isLearned: boolean } | undefined {
  const key = readKeyParts(reader, shape);
  if (key === undefined) return undefined;
  let isLearned = takeDetails(reader);
  if (shape.value === undefined) return { element: { key }, isLearned };
  if (!take(reader, ':')) return undefined;
  const value = shape.value === 'verdict' ? readVerdict(reader) : readDestination(reader, shape.family);
  isLearned = takeDetails(reader) || isLearned;
  return value === undefined ? undefined : { element: { key, value }, isLearned };
}

function readKeyParts(reader: WordReader, { family, key }: ElementShape): readonly ElementPart[] | undefined {
  const parts: ElementPart[] = [];
  for (const type of key) {
    if (parts.length > 0 && !take(reader, '.')) return undefined;
    const part = takeAs(reader, (word) => readPart(type, family, word));
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts;
}

/** Takes a counter, a comment and times, in whatever order; whether there were times. */
function takeDetails(reader: WordReader): boolean {
  let hasTimes = false;
  for (;;) {
    if (take(reader, 'counter', 'packets')) reader.at += 3;
    else if (take(reader, 'comment')) reader.at += 1;
    else if (take(reader, 'timeout') || take(reader, 'expires')) {
      reader.at += 1;
      hasTimes = true;
    } else return hasTimes;
  }
}

/** What a verdict map, or a rule, says becomes of a packet. */
function readVerdict(reader: WordReader): ForeignValue | undefined {
  for (const kind of ['accept', 'drop', 'return', 'continue'] as const) {
    if (take(reader, kind)) return { kind };
  }
  const kind = take(reader, 'jump') ? 'jump' : take(reader, 'goto') ? 'goto' : undefined;
  const chain = takeAs(reader, readForeignName);
  return kind === undefined || chain === undefined ? undefined : { kind, chain };
}

function readDestination(reader: WordReader, family: IpFamily): ForeignValue | undefined {
  const address = takeAs(reader, (word) => readAddress(family, word));
  const port = take(reader, '.') ? takeAs(reader, (word) => readNumber(word, 0xffff)) : undefined;
  return address === undefined || port === undefined ? undefined : { kind: 'destination', address, port };
}

function isAtEnd({ words, at }: WordReader): boolean {
  return words[at] === ',' || words[at] === '}';
}

/** Goes on to the next comma, or to the closing brace; the words from `start` to there. */
function skipElement(reader: WordReader, start: number): string {
  reader.at = start;
  while (reader.at < reader.words.length && !isAtEnd(reader)) reader.at += 1;
  return reader.words.slice(start, reader.at).join(' ');
}
