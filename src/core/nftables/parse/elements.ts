/** Elements of sets to values. */
import type { IpFamily } from '../../model/address.ts';
import type { Element, ElementPart, ElementType, ElementValue } from '../ruleset.ts';
import type { OpenSet } from './set.ts';
import { readAddress, readBlock, readName, readNumber, readProtocol } from './values.ts';

/**
 * Takes the text between the braces of `elements = { … }`. Elements that time out were learned from packets and are
 * left out. Gives the texts that are no elements.
 */
export function takeElements(set: OpenSet, family: IpFamily, text: string): readonly string[] {
  if (set.timeoutSeconds !== undefined) return [];
  const wrong: string[] = [];
  const addresses = new Map<string, ReturnType<typeof readAddress>>();
  // Each address of a Service comes once for each of its ports and endpoints.
  const readKnown: ReadAddress = (word) => {
    if (!addresses.has(word)) addresses.set(word, readAddress(family, word));
    return addresses.get(word);
  };
  for (const part of text.split(',')) {
    const item = part.trim();
    if (/ (?:timeout|expires) /.test(item)) continue;
    const element = readElement(set, family, item.replace(/ counter packets [0-9]+ bytes [0-9]+/, ''), readKnown);
    if (element === undefined) wrong.push(item);
    else set.elements.push(element);
  }
  return wrong;
}

type ReadAddress = (word: string) => ReturnType<typeof readAddress>;

function readElement(set: OpenSet, family: IpFamily, text: string, readKnown: ReadAddress): Element | undefined {
  const [keyText = '', valueText, ...rest] = text.split(' : ');
  const key = readElementKey(set, family, keyText, readKnown);
  if (key === undefined || rest.length > 0 || (valueText === undefined) !== (set.value === undefined)) return undefined;
  if (valueText === undefined) return { key };
  const value = set.value === 'verdict' ? readVerdict(valueText) : readDestination(valueText, readKnown);
  return value === undefined ? undefined : { key, value };
}

function readElementKey(
  set: OpenSet,
  family: IpFamily,
  text: string,
  readKnown: ReadAddress,
): readonly ElementPart[] | undefined {
  const words = text.split(' . ');
  const { key: types = [], isInterval } = set;
  if (words.length !== types.length) return undefined;
  const key: ElementPart[] = [];
  for (const [i, word] of words.entries()) {
    const type = types[i];
    const part = type === undefined ? undefined : readPart(type, word, readKnown);
    const block = part === undefined && type === 'address' && isInterval === true ? readBlock(family, word) : part;
    if (block === undefined) return undefined;
    key.push(block);
  }
  return key;
}

function readPart(type: ElementType, word: string, readKnown: ReadAddress): ElementPart | undefined {
  switch (type) {
    case 'address':
      return readKnown(word);
    case 'protocol':
      return readProtocol(word);
    case 'port':
    case 'slot':
      return readNumber(word, 0xffff);
    default:
      return type satisfies never;
  }
}

function readVerdict(text: string): ElementValue | undefined {
  if (text === 'drop') return { kind: 'drop' };
  const [kind, name = '', ...rest] = text.split(' ');
  const chain = rest.length === 0 ? readName(name) : undefined;
  return chain !== undefined && (kind === 'jump' || kind === 'goto') ? { kind, chain } : undefined;
}

function readDestination(text: string, readKnown: ReadAddress): ElementValue | undefined {
  const [host = '', portText = '', ...rest] = text.split(' . ');
  const address = readKnown(host);
  const port = readNumber(portText, 0xffff);
  if (address === undefined || port === undefined || rest.length > 0) return undefined;
  return { kind: 'destination', address, port };
}
