/** Parses `KEY : VALUE, …`: the elements of named and anonymous sets. */
import type { IpFamily } from '../../model/address.ts';
import type { ElementPart, ElementType, NamedSet } from '../ruleset.ts';
import type { ForeignElement, ForeignValue } from './ruleset.ts';
import { splitWords, type WordReader } from './tokens.ts';
import { readAddress, readBlock, readName, readNumber, readProtocol } from './values.ts';

/** The format of the elements of a set. */
export interface ElementShape {
  readonly family: IpFamily;
  readonly key: readonly ElementType[];
  readonly value?: NamedSet['value'];
}

/** Whether the caller wants an element; an unwanted one is a stray. */
export type AcceptElement<E extends ForeignElement> = (element: ForeignElement, hasComment: boolean) => element is E;

/** The elements of one set. */
export interface ReadElements<E extends ForeignElement = ForeignElement> {
  readonly elements: readonly E[];
  /** Learned from packets, with a timeout. */
  readonly learned: readonly ForeignElement[];
  /** Texts between two commas that are not an element of this format. */
  readonly strays: readonly string[];
}

/** Wants every element. */
export const acceptAll: AcceptElement<ForeignElement> = (_element): _element is ForeignElement => true;

/** Reads the text between the braces. There may be hundreds of thousands of elements. */
export function readElements<E extends ForeignElement>(
  text: string,
  shape: ElementShape,
  accepts: AcceptElement<E>,
): ReadElements<E> {
  const elements: E[] = [];
  const learned: ForeignElement[] = [];
  const strays: string[] = [];
  for (const item of splitItems(text)) {
    const words = splitWords(item);
    if (words.length === 0) continue;
    const reader: ElementReader = { shape, words, at: 0, hasTimes: false, hasComment: false };
    const element = readElement(reader);
    if (element !== undefined && reader.hasTimes) learned.push(element);
    else if (element !== undefined && accepts(element, reader.hasComment)) elements.push(element);
    else strays.push(words.join(' '));
  }
  return { elements, learned, strays };
}

interface ElementReader extends WordReader {
  readonly shape: ElementShape;
  hasTimes: boolean;
  hasComment: boolean;
}

/** Splits at commas outside quotes. */
function splitItems(text: string): readonly string[] {
  return text.includes('"') ? (text.match(/(?:"[^"]*"|[^,])+/g) ?? []) : text.split(',');
}

/** The element made of all words together. */
function readElement(reader: ElementReader): ForeignElement | undefined {
  const { words, shape } = reader;
  const key = readKeyParts(reader);
  if (key === undefined) return undefined;
  takeDetails(reader);
  if (shape.value === undefined) return reader.at === words.length ? { key } : undefined;
  if (words[reader.at] !== ':') return undefined;
  reader.at += 1;
  const value = shape.value === 'verdict' ? readVerdict(reader) : readDestination(reader);
  takeDetails(reader);
  return value === undefined || reader.at !== words.length ? undefined : { key, value };
}

function readKeyParts(reader: ElementReader): readonly ElementPart[] | undefined {
  const { words, shape } = reader;
  const parts: ElementPart[] = [];
  for (const type of shape.key) {
    if (parts.length > 0) {
      if (words[reader.at] !== '.') return undefined;
      reader.at += 1;
    }
    const part = readPart(type, shape.family, words[reader.at] ?? '');
    if (part === undefined) return undefined;
    reader.at += 1;
    parts.push(part);
  }
  return parts;
}

/** Part of a key: an address may be a block. */
function readPart(type: ElementType, family: IpFamily, word: string): ElementPart | undefined {
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

/** Takes a counter, a comment and times, in any order. */
function takeDetails(reader: ElementReader): void {
  for (;;) {
    const word = reader.words[reader.at];
    if (word === 'counter' && reader.words[reader.at + 1] === 'packets') reader.at += 5;
    else if (word === 'comment') {
      reader.hasComment = true;
      reader.at += 2;
    } else if (word === 'timeout' || word === 'expires') {
      reader.hasTimes = true;
      reader.at += 2;
    } else return;
  }
}

/** The verdict of an element in a verdict map. */
function readVerdict(reader: ElementReader): ForeignValue | undefined {
  const kind = reader.words[reader.at] ?? '';
  reader.at += 1;
  switch (kind) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return { kind };
    case 'jump':
    case 'goto': {
      const chain = readName(reader.words[reader.at] ?? '');
      reader.at += 1;
      return chain === undefined ? undefined : { kind, chain };
    }
    default:
      return undefined;
  }
}

/** `10.0.0.1 . 80`. */
function readDestination(reader: ElementReader): ForeignValue | undefined {
  const [host = '', dot, portText = ''] = reader.words.slice(reader.at, reader.at + 3);
  reader.at += 3;
  const address = readAddress(reader.shape.family, host);
  const port = readNumber(portText, 0xffff);
  return address === undefined || port === undefined || dot !== '.'
    ? undefined
    : { kind: 'destination', address, port };
}
