/** Random sets and maps of a ruleset, with elements that the kernel takes together. */
import fc from 'fast-check';
import {
  addressBits,
  addressFromBits,
  addressWidth,
  type Cidr,
  type IpFamily,
} from '../../../../src/core/model/address.ts';
import type { Protocol } from '../../../../src/core/model/objects.ts';
import type {
  Element,
  ElementGroup,
  ElementPart,
  ElementType,
  ElementValue,
  NamedSet,
} from '../../../../src/core/nftables/ruleset.ts';
import { arbitraryAddress } from '../values.ts';

/** `fc.record` with objects like those that the code makes, which have a prototype. */
export function record<T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T, keyof T>(model, { noNullPrototype: true });
}

const arbitraryPort = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constantFrom(1, 53, 80, 65535));

const arbitraryProtocol = fc.constantFrom<Protocol>('TCP', 'UDP', 'SCTP');

/** `10.0.0.0/8`, also a block of one address and the whole family. */
export function arbitraryBlock(family: IpFamily): fc.Arbitrary<Cidr> {
  const width = addressWidth(family);
  return fc
    .tuple(arbitraryAddress(family), fc.oneof(fc.integer({ min: 0, max: width }), fc.constantFrom(0, width)))
    .map(([address, length]) => blockOf(family, addressBits(address), length));
}

function blockOf(family: IpFamily, bits: bigint, length: number): Cidr {
  const host = BigInt(addressWidth(family) - length);
  return `${addressFromBits(family, (bits >> host) << host)}/${length}` as Cidr;
}

/** A port and address that a connection can be sent to. */
export function arbitraryDestination(family: IpFamily): fc.Arbitrary<Extract<ElementValue, { kind: 'destination' }>> {
  return record({ kind: fc.constant('destination'), address: arbitraryAddress(family), port: arbitraryPort });
}

/** A verdict of a map, which may lead to these chains. */
export function arbitraryVerdict(chains: readonly string[]): fc.Arbitrary<ElementValue> {
  const drop: ElementValue = { kind: 'drop' };
  if (chains.length === 0) return fc.constant(drop);
  const toChain = record({ kind: fc.constantFrom('jump', 'goto'), chain: fc.constantFrom(...chains) });
  return fc.oneof(fc.constant(drop), toChain);
}

type SetType = Omit<NamedSet, 'groups'>;

/** A set of this type, its elements in a few groups, these in a few chunks. */
export function arbitrarySet(
  family: IpFamily,
  type: SetType,
  value: fc.Arbitrary<ElementValue> = arbitraryDestination(family),
): fc.Arbitrary<NamedSet> {
  if (type.timeoutSeconds !== undefined) return fc.constant({ ...type, groups: [] });
  const keys = type.isInterval === true ? arbitraryBlockKeys(family, type.key) : arbitraryKeys(family, type.key);
  const frontends = keys.chain((list) => fc.tuple(...list.map((frontend) => arbitraryElements(frontend, type, value))));
  return fc.tuple(frontends, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })).map((made) => {
    const [lists, perGroup, perChunk] = made;
    const groups: ElementGroup[] = [];
    for (let i = 0; i < lists.length; i += perGroup) {
      groups.push({ owner: `ns/owner-${i}`, elements: lists.slice(i, i + perGroup).flat() });
    }
    const chunks = groups.flatMap((_, i) => (i % perChunk === 0 ? [groups.slice(i, i + perChunk)] : []));
    return { ...type, groups: chunks };
  });
}

type FullKey = readonly ElementPart[];

/** The elements of one key: one for each of its slots, if it has any, else one alone. */
function arbitraryElements(
  key: FullKey,
  type: SetType,
  value: fc.Arbitrary<ElementValue>,
): fc.Arbitrary<readonly Element[]> {
  const hasSlot = type.key.at(-1) === 'slot';
  return fc.array(value, { minLength: 1, maxLength: hasSlot ? 4 : 1 }).map((values) =>
    values.map((each, slot) => {
      const full = hasSlot ? [...key, slot] : key;
      return type.value === undefined ? { key: full } : { key: full, value: each };
    }),
  );
}

/** Different keys, without the slot that may come last. */
function arbitraryKeys(family: IpFamily, types: readonly ElementType[]): fc.Arbitrary<readonly FullKey[]> {
  const parts = types.filter((type) => type !== 'slot').map((type) => arbitraryPart(family, type));
  return fc.uniqueArray(fc.tuple(...parts), { maxLength: 6, selector: (key) => key.join() });
}

function arbitraryPart(family: IpFamily, type: ElementType): fc.Arbitrary<ElementPart> {
  switch (type) {
    case 'address':
      return arbitraryAddress(family);
    case 'protocol':
      return arbitraryProtocol;
    case 'port':
    case 'slot':
      return arbitraryPort;
    default:
      return type satisfies never;
  }
}

/** Different keys, with blocks at the end that do not overlap but may touch. */
function arbitraryBlockKeys(family: IpFamily, types: readonly ElementType[]): fc.Arbitrary<readonly FullKey[]> {
  const width = addressWidth(family);
  const splits = fc.array(fc.nat(), { maxLength: 5 });
  const blocks = fc
    .tuple(arbitraryAddress(family), fc.integer({ min: 0, max: width }), splits)
    .map(([address, length, places]) => splitBlock(family, { bits: addressBits(address), length }, places));
  return fc
    .uniqueArray(fc.tuple(arbitraryKeys(family, types.slice(0, -1)), blocks), { maxLength: 1 })
    .map((pairs) =>
      pairs.flatMap(([heads, list]) =>
        types.length === 1
          ? list.map((block) => [block])
          : heads.flatMap((head) => list.map((block) => [...head, block])),
      ),
    );
}

interface Block {
  readonly bits: bigint;
  readonly length: number;
}

/** Cuts a block in halves, and again one of those that there are; leaves one out if there are many. */
function splitBlock(family: IpFamily, whole: Block, places: readonly number[]): readonly Cidr[] {
  const width = addressWidth(family);
  const blocks = [whole];
  for (const place of places) {
    const [block = whole] = blocks.splice(place % blocks.length, 1);
    const half = 1n << BigInt(Math.max(width - block.length - 1, 0));
    const low = (block.bits >> BigInt(width - block.length)) << BigInt(width - block.length);
    if (block.length === width) blocks.push(block);
    else blocks.push({ bits: low, length: block.length + 1 }, { bits: low | half, length: block.length + 1 });
  }
  return blocks.slice(blocks.length > 3 ? 1 : 0).map(({ bits, length }) => blockOf(family, bits, length));
}
