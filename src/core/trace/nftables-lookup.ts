/** What a set or map holds for a packet. */
import type { Cidr, IpAddress } from '../model/address.ts';
import { cidrOf } from '../model/cidr.ts';
import type { Packet } from '../model/packet.ts';
import { add, one, type Rational, rational } from '../model/rational.ts';
import { remember } from '../model/remember.ts';
import type { Element, ElementGroup, ElementPart, Field, Key, NamedSet } from '../nftables/ruleset.ts';
import type { PacketState } from './iptables-state.ts';

/** One of the things that a look-up can find; without an element, nothing. */
export interface Finding {
  readonly element: Element | undefined;
  readonly probability: Rational;
}

/** Everything that the look-up can find, each element once; more than one only where the key has a random field. */
export function lookUp(set: NamedSet, key: Key, state: PacketState, packet: Packet): readonly Finding[] {
  const partsList = key.reduce<readonly (readonly ElementPart[])[]>(
    (lists, field) => {
      const values = fieldValues(field, state, packet);
      return lists.flatMap((list) => values.map((value) => [...list, value]));
    },
    [[]],
  );
  if (partsList.length === 1) return [{ element: find(set, partsList[0] ?? []), probability: one }];
  const probability = rational(1n, BigInt(partsList.length));
  const shares = new Map<Element | undefined, Rational>();
  for (const parts of partsList) {
    const element = find(set, parts);
    const before = shares.get(element);
    shares.set(element, before === undefined ? probability : add(before, probability));
  }
  return [...shares].map(([element, share]) => ({ element, probability: share }));
}

/** All values that the field can have, equally likely. */
function fieldValues(field: Field, { source, destination, port }: PacketState, packet: Packet): readonly ElementPart[] {
  switch (field) {
    case 'saddr':
      return [source];
    case 'daddr':
      return [destination];
    case 'l4proto':
      return [packet.protocol];
    case 'dport':
      return [port];
    default:
      return Array.from({ length: field.random }, (_, slot) => slot);
  }
}

/** Prefix lengths of the blocks in a key; undefined for parts that are no block. */
type Shape = readonly (number | undefined)[];

/** Elements by the text of their key, in one map for each shape: the packet's key, cut to that shape, finds them. */
type SetIndex = ReadonlyMap<string, { readonly shape: Shape; readonly elements: ReadonlyMap<string, Element> }>;

function find(set: NamedSet, parts: readonly ElementPart[]): Element | undefined {
  for (const { shape, elements } of indexSet(set).values()) {
    const cut = parts.map((part, i) => {
      const length = shape[i];
      return length === undefined ? part : cidrOf(part as IpAddress, length);
    });
    const element = elements.get(keyText(cut));
    if (element !== undefined) return element;
  }
  return undefined;
}

const setIndexes = new WeakMap<NamedSet, SetIndex>();
const groupEntries = new WeakMap<ElementGroup, readonly Entry[]>();

interface Entry {
  readonly text: string;
  readonly shape: Shape;
  readonly shapeText: string;
  readonly element: Element;
}

function indexSet(set: NamedSet): SetIndex {
  return remember(setIndexes, set, () => joinEntries(set.groups));
}

function joinEntries(groups: readonly ElementGroup[]): SetIndex {
  const index = new Map<string, { readonly shape: Shape; readonly elements: Map<string, Element> }>();
  for (const group of groups) {
    for (const { text, shape, shapeText, element } of entriesOf(group)) {
      remember(index, shapeText, () => ({ shape, elements: new Map() })).elements.set(text, element);
    }
  }
  return index;
}

/** Kept for each group, since of many groups only a few change at a time. */
function entriesOf(group: ElementGroup): readonly Entry[] {
  return remember(groupEntries, group, () =>
    group.elements.map((element) => {
      const shape = element.key.map(blockLength);
      return { text: keyText(element.key), shape, shapeText: shape.join(' '), element };
    }),
  );
}

function blockLength(part: ElementPart): number | undefined {
  return isBlock(part) ? Number(part.slice(part.indexOf('/') + 1)) : undefined;
}

function isBlock(part: ElementPart): part is Cidr {
  return typeof part === 'string' && part.includes('/');
}

function keyText(parts: readonly ElementPart[]): string {
  return parts.join(' ');
}
