/** Looks up a packet in a set or map. */
import type { Cidr, IpAddress } from '../../model/address.ts';
import { cidrOf } from '../../model/cidr.ts';
import type { ForeignSet } from '../../nftables/listing/ruleset.ts';
import type { ElementPart, Key, KeyField } from '../../nftables/ruleset.ts';
import { memoize } from '../../structures/memoize.ts';
import { one, type Rational, rational } from '../../structures/rational.ts';
import { isAsSent, type PacketState } from '../netfilter/state.ts';
import { namedSet, questionsAbout, type TraceScene, type Witness, whichOf } from '../witness.ts';
import { type ElementBranch, type ElementNode, type OwnedElement, type PartOrder, treeOf } from './tree.ts';

/** A possible result of a look-up: an element or none. */
export interface LookupResult {
  readonly found: OwnedElement | undefined;
  readonly probability: Rational;
}

/** Every possible result, each element once; more than one only if the key has a random field. */
export function lookUp(set: ForeignSet, key: Key, state: PacketState, scene: TraceScene): readonly LookupResult[] {
  const isOpen = isOpenFor(key, state, scene.witness);
  const findings = findAll(set, key, state, scene);
  if (scene.witness !== undefined) noteUse(set, key, state, { witness: scene.witness, isOpen });
  return findings;
}

function findAll(set: ForeignSet, key: Key, state: PacketState, scene: TraceScene): readonly LookupResult[] {
  const order = searchOrder(key);
  const root = treeOf(set, order);
  const draws = drawsOf(key);
  if (draws === 1) return [{ found: search({ key, order, state, scene, draw: 0 }, 0, root), probability: one }];
  const counts = new Map<OwnedElement | undefined, number>();
  for (let draw = 0; draw < draws; draw += 1) {
    const found = search({ key, order, state, scene, draw }, 0, root);
    counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  return [...counts].map(([found, count]) => ({ found, probability: rational(BigInt(count), BigInt(draws)) }));
}

/** The number of combinations of the random fields. */
function drawsOf(key: Key): number {
  return key.reduce((product, field) => product * (typeof field === 'object' ? field.random : 1), 1);
}

interface Search {
  readonly key: Key;
  readonly order: PartOrder;
  readonly state: PacketState;
  readonly scene: TraceScene;
  /** The drawn values of the random fields as one number; the first field is its lowest digit. */
  readonly draw: number;
}

/** Fields with one value for most packets come first, so that the other fields are asked about fewer packets. */
function rankOf(field: KeyField): number {
  return typeof field === 'object'
    ? 3
    : { daddr: 0, originalDaddr: 0, l4proto: 1, dport: 2, originalDport: 2, saddr: 4 }[field];
}

/** The order in which the parts of a key are asked. */
export const searchOrder = memoize(
  (key: Key): PartOrder =>
    key
      .map((field, i) => ({ i, rank: rankOf(field) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ i }) => i),
);

/** The element whose key matches the packet. Blocks of one part may overlap, so each matching one is tried. */
function search(what: Search, depth: number, node: ElementNode | undefined): OwnedElement | undefined {
  const { key, order, scene, state } = what;
  if (node === undefined || 'element' in node) return node;
  const place = order[depth] ?? 0;
  const field = key[place];
  if (field === undefined) return undefined;
  if (typeof field === 'object') {
    const drawn = Math.floor(what.draw / drawsOf(key.slice(0, place))) % field.random;
    return search(what, depth + 1, node.exact.get(drawn));
  }
  ask(field, node, state, scene.witness);
  const value = fieldValue(field, state, scene);
  const found = search(what, depth + 1, node.exact.get(value));
  if (found !== undefined || node.blocks.size === 0) return found;
  for (const [length, elements] of node.blocks) {
    const inBlock = search(what, depth + 1, elements.get(cidrOf(value as IpAddress, length)));
    if (inBlock !== undefined) return inBlock;
  }
  return undefined;
}

type SentField = Exclude<KeyField, object>;

function fieldValue(field: SentField, { source, destination, port }: PacketState, { packet }: TraceScene): ElementPart {
  switch (field) {
    case 'saddr':
      return source;
    case 'daddr':
      return destination;
    case 'l4proto':
      return packet.protocol;
    case 'dport':
      return port;
    case 'originalDaddr':
      return packet.destination;
    case 'originalDport':
      return packet.port;
    default:
      return field satisfies never;
  }
}

const packetFieldOf = {
  saddr: 'source',
  daddr: 'destination',
  l4proto: 'protocol',
  dport: 'port',
  originalDaddr: 'destination',
  originalDport: 'port',
} as const;

function isSent(field: SentField, state: PacketState): boolean {
  if (field === 'l4proto' || field === 'originalDaddr' || field === 'originalDport') return true;
  return field === 'dport' ? state.hasSentPort : isAsSent(state, packetFieldOf[field]);
}

/** Asks which of the values of this branch the field has. */
function ask(field: SentField, branch: ElementBranch, state: PacketState, witness: Witness | undefined): void {
  const packetField = packetFieldOf[field];
  if (witness?.isOpen(packetField) !== true || !isSent(field, state)) return;
  witness.asked(packetField, branchQuestions[packetField](branch));
}

/** Distinguishes values that lead to different elements or branches; not in a set without values. */
const branchQuestions = questionsAbout((field, { exact, blocks }: ElementBranch) => {
  const tables = [exact, ...blocks.values()];
  return whichOf(field, {
    values: exact.keys(),
    blocks: [...blocks.values()].flatMap((each) => [...each.keys()] as Cidr[]),
    tellsApart: tables.some(leadsFurther),
  });
});

/** Whether the values lead to branches or to elements with values; the same for the whole branch. */
function leadsFurther(nodes: ReadonlyMap<ElementPart, ElementNode>): boolean {
  const [node] = nodes.values();
  return node !== undefined && (!('element' in node) || node.element.value !== undefined);
}

/** Whether the field that narrows a look-up to one owner (destination, else port) is not asked yet. */
function isOpenFor(key: Key, state: PacketState, witness: Witness | undefined): boolean {
  if (key.includes('daddr')) return isAsSent(state, 'destination') && witness?.isOpen('destination') === true;
  return !key.includes('dport') || (state.hasSentPort && witness?.isOpen('port') === true);
}

/**
 * Reports to the witness what the look-up depends on: the whole set while destination or port are not asked yet, and
 * then only the elements of that destination or port. In a set of blocks no element belongs to a single destination.
 */
function noteUse(
  set: ForeignSet,
  key: Key,
  state: PacketState,
  { witness, isOpen }: { readonly witness: Witness; readonly isOpen: boolean },
): void {
  if (isOpen || set.isInterval === true) witness.used(namedSet(set.name));
  if (isOpenFor(key, state, witness)) return;
  witness.used(key.includes('daddr') ? state.destination : namedSet(set.name, state.port));
}
