/** What a set or map holds for a packet. */
import type { Cidr, IpAddress } from '../model/address.ts';
import { cidrOf } from '../model/cidr.ts';
import type { Packet } from '../model/packet.ts';
import { add, one, type Rational, rational } from '../model/rational.ts';
import { remember } from '../model/remember.ts';
import type { ForeignElement, ForeignGroup, ForeignSet } from '../nftables/foreign/ruleset.ts';
import type { ElementPart, Field, Key } from '../nftables/ruleset.ts';
import type { PacketState } from './iptables-state.ts';

/** An element, and whose it is. */
export interface OwnedElement {
  readonly element: ForeignElement;
  readonly owner: string;
}

/** One of the things that a look-up can find, or nothing. */
export interface Finding {
  readonly found: OwnedElement | undefined;
  readonly probability: Rational;
}

/** Everything that the look-up can find, each element once; more than one only where the key has a random field. */
export function lookUp(set: ForeignSet, key: Key, state: PacketState, packet: Packet): readonly Finding[] {
  const partsList = key.reduce<readonly (readonly ElementPart[])[]>(
    (lists, field) => {
      const values = fieldValues(field, state, packet);
      return lists.flatMap((list) => values.map((value) => [...list, value]));
    },
    [[]],
  );
  if (partsList.length === 1) return [{ found: find(set, partsList[0] ?? []), probability: one }];
  const probability = rational(1n, BigInt(partsList.length));
  const shares = new Map<OwnedElement | undefined, Rational>();
  for (const parts of partsList) {
    const found = find(set, parts);
    const before = shares.get(found);
    shares.set(found, before === undefined ? probability : add(before, probability));
  }
  return [...shares].map(([found, share]) => ({ found, probability: share }));
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
type SetIndex = ReadonlyMap<string, { readonly shape: Shape; readonly elements: ReadonlyMap<string, OwnedElement> }>;

function find(set: ForeignSet, parts: readonly ElementPart[]): OwnedElement | undefined {
  for (const { shape, elements } of indexSet(set).values()) {
    const cut = parts.map((part, i) => {
      const length = shape[i];
      return length === undefined ? part : cidrOf(part as IpAddress, length);
    });
    const found = elements.get(keyText(cut));
    if (found !== undefined) return found;
  }
  return undefined;
}

const setIndexes = new WeakMap<ForeignSet, SetIndex>();
const groupEntries = new WeakMap<ForeignGroup, readonly Entry[]>();

interface Entry {
  readonly text: string;
  readonly shape: Shape;
  readonly shapeText: string;
  readonly owned: OwnedElement;
}

function indexSet(set: ForeignSet): SetIndex {
  return remember(setIndexes, set, () => joinEntries(set.groups));
}

function joinEntries(groups: readonly ForeignGroup[]): SetIndex {
  const index = new Map<string, { readonly shape: Shape; readonly elements: Map<string, OwnedElement> }>();
  for (const group of groups) {
    for (const { text, shape, shapeText, owned } of entriesOf(group)) {
      remember(index, shapeText, () => ({ shape, elements: new Map() })).elements.set(text, owned);
    }
  }
  return index;
}

/** Kept for each group, since of many groups only a few change at a time. */
function entriesOf(group: ForeignGroup): readonly Entry[] {
  return remember(groupEntries, group, () =>
    group.elements.map((element) => {
      const shape = element.key.map(blockLength);
      return { text: keyText(element.key), shape, shapeText: shape.join(' '), owned: { element, owner: group.owner } };
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
