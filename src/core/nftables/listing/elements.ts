/** `KEY : VALUE, …`: the elements of named sets, and of sets on the spot. */
import type { IpAddress, IpFamily } from '../../model/address.ts';
import type { ElementPart, ElementType, NamedSet } from '../ruleset.ts';
import type { ForeignElement, ForeignValue } from './ruleset.ts';
import { splitWords, type WordReader } from './tokens.ts';
import { readAddress, readBlock, readName, readNumber, readProtocol } from './values.ts';

/** What the elements of a set look like. */
export interface ElementShape {
  readonly family: IpFamily;
  readonly key: readonly ElementType[];
  readonly value?: NamedSet['value'];
}

/** Whether an element that was read is one of those that the caller wants; the others are strays. */
export type AcceptElement<E extends ForeignElement> = (element: ForeignElement, hasComment: boolean) => element is E;

export interface ReadElements<E extends ForeignElement = ForeignElement> {
  readonly elements: readonly E[];
  /** Learned from packets, and forgotten after a time. */
  readonly learned: readonly ForeignElement[];
  /** Texts between two commas that are no element of this shape. */
  readonly strays: readonly string[];
}

/** Wants every element. */
export const acceptAll: AcceptElement<ForeignElement> = (_element): _element is ForeignElement => true;

/**
 * Reads the text between the braces. There may be hundreds of thousands of elements: all but those with quotes in them
 * are cut at commas and single spaces, which is how nft lists them.
 */
export function readElements<E extends ForeignElement>(
  text: string,
  shape: ElementShape,
  accepts: AcceptElement<E>,
): ReadElements<E> {
  const elements: E[] = [];
  const learned: ForeignElement[] = [];
  const strays: string[] = [];
  const addresses = new Map<string, IpAddress | undefined>();
  for (const item of splitItems(text)) {
    const reader: ElementReader = {
      shape,
      addresses,
      words: item.split(' '),
      at: 0,
      hasTimes: false,
      hasComment: false,
    };
    const element = readElement(reader) ?? rereadElement(reader, item);
    if (element !== undefined && reader.hasTimes) learned.push(element);
    else if (element !== undefined && accepts(element, reader.hasComment)) elements.push(element);
    else strays.push(splitWords(item).join(' '));
  }
  return { elements, learned, strays };
}

interface ElementReader extends WordReader {
  readonly shape: ElementShape;
  /** Each address of a Service comes once for each of its ports and endpoints. */
  readonly addresses: Map<string, IpAddress | undefined>;
  words: readonly string[];
  hasTimes: boolean;
  hasComment: boolean;
}

function splitItems(text: string): readonly string[] {
  const items = text.includes('"') ? (text.match(/(?:"[^"]*"|[^,])+/g) ?? []) : text.split(',');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

/** For elements that have quoted text, or other spaces than nft's own. */
function rereadElement(reader: ElementReader, item: string): ForeignElement | undefined {
  reader.words = splitWords(item);
  reader.at = 0;
  reader.hasTimes = false;
  reader.hasComment = false;
  return readElement(reader);
}

/** The element that all words together are. */
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
    const part = readPart(reader, type, words[reader.at] ?? '');
    if (part === undefined) return undefined;
    reader.at += 1;
    parts.push(part);
  }
  return parts;
}

/** Part of a key: an address may be a block. */
function readPart(reader: ElementReader, type: ElementType, word: string): ElementPart | undefined {
  switch (type) {
    case 'address':
      return readKnownAddress(reader, word) ?? readBlock(reader.shape.family, word);
    case 'protocol':
      return readProtocol(word);
    case 'port':
    case 'slot':
      return readNumber(word, 0xffff);
    default:
      return type satisfies never;
  }
}

function readKnownAddress({ addresses, shape }: ElementReader, word: string): IpAddress | undefined {
  if (!addresses.has(word)) addresses.set(word, readAddress(shape.family, word));
  return addresses.get(word);
}

/** Takes a counter, a comment and times, in whatever order. */
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

/** What a verdict map does with a packet. */
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
  const address = readKnownAddress(reader, host);
  const port = readNumber(portText, 0xffff);
  return address === undefined || port === undefined || dot !== '.'
    ? undefined
    : { kind: 'destination', address, port };
}
