/**
 * The questions that a tracer asks about its packet. From them, a witness learns which other packets are treated the
 * same: all that give the same answers, since a tracer knows nothing else of a packet.
 */

import { addressNumber, type Cidr, familyOf, type IpAddress, type IpFamily } from '../model/address.ts';
import { cidrBounds, loopbackBlocks } from '../model/cidr.ts';
import type { Protocol } from '../model/objects.ts';
import type { Packet, TraceHost } from '../model/packet.ts';
import { memoize } from '../structures/memoize.ts';
import { remember } from '../structures/remember.ts';

/** The fields of a packet as it was sent. `inputInterface`, `remembered` and `ctState` are '' if absent. */
export const packetFields = [
  'destination',
  'protocol',
  'port',
  'source',
  'inputInterface',
  'remembered',
  'ctState',
] as const;
export type PacketField = (typeof packetFields)[number];

/** One ordered type for each field: addresses as `addressNumber`, ports as numbers, the rest as text. */
export type FieldValue = number | bigint | string;

/** Which of some ranges of values the field is in. */
export interface WitnessQuestion {
  /** Half-open ranges `from, to, from, to, …` in ascending order, without overlap. */
  readonly bounds: readonly FieldValue[];
  /** Whether the answer is the range, or only whether there is one. */
  readonly tellsApart: boolean;
}

/** A dependency of a trace: a part of plan or ruleset by identity, or by a name as in `parts`. */
export type TracedPart = object | string;

/** Records a dependency of a trace, or a change. */
export type Touch = (part: TracedPart) => void;

export interface Witness {
  /** Whether the field can still have more than one value. */
  readonly isOpen: (field: PacketField) => boolean;
  readonly asked: (field: PacketField, question: WitnessQuestion) => void;
  readonly used: Touch;
  readonly questions: AddressQuestions;
}

/** Earlier questions about addresses and blocks, so that each is built once. The caller owns them. */
export type AddressQuestions = Map<IpAddress | Cidr, WitnessQuestion>;

/** The input of a tracer. */
export interface TraceScene {
  readonly packet: Packet;
  readonly host: TraceHost;
  readonly witness: Witness | undefined;
}

/** Names of dependencies besides chains, sets and addresses. */
export const parts = {
  /** The addresses and ports of frontends. */
  frontends: 'frontends',
  nodePorts: 'NodePorts',
  healthChecks: 'health checks',
} as const;

/** The dependency of a trace that asks whether this port is a NodePort, of any protocol. */
export function nodePortPart(port: number): string {
  return `NodePort ${port}`;
}

/**
 * The dependency of a trace that walks this chain of a table (unnamed in nftables). In a long chain, rules for a single
 * destination are named by that destination instead.
 */
export function chainPart(chain: string, table: string): string {
  return `chain ${table} ${chain}`;
}

/** The dependency of a trace that walks all rules of a long chain, for more than one destination. */
export function wholeChainPart(chain: string, table: string): string {
  return `whole ${chainPart(chain, table)}`;
}

/**
 * The dependency of a trace that looks into a set: all elements, or those for one port. A look-up by destination is
 * named by that destination instead.
 */
export function namedSet(name: string, port?: number): string {
  return port === undefined ? `set ${name}` : `set ${name} ${port}`;
}

/** The dependency of a trace that reads a list of xt_recent. */
export function recentList(name: string): string {
  return `list ${name}`;
}

/** The next greater text: names and `address:port` contain no character below `!`. */
export function textAfter(text: string): string {
  return `${text}!`;
}

/** The first text greater than all texts with this prefix, which must not be empty. */
function textAfterPrefix(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** Whether an address is one of the node's own or a loopback address. */
export function localQuestion(host: TraceHost, family: IpFamily): WitnessQuestion {
  return localQuestions(host)[family];
}

const localQuestions = memoize(({ addresses }: TraceHost): Readonly<Record<IpFamily, WitnessQuestion>> => {
  const questionOf = (family: IpFamily): WitnessQuestion => {
    const own = addresses.filter((address) => familyOf(address) === family);
    return whichOf('source', { values: own, blocks: [loopbackBlocks[family]], tellsApart: false });
  };
  return { IPv4: questionOf('IPv4'), IPv6: questionOf('IPv6') };
});

/** Whether a port is in the range, both ends included. */
export function portQuestion({ from, to }: { readonly from: number; readonly to: number }): WitnessQuestion {
  return { bounds: [from, to + 1], tellsApart: false };
}

/** Asks whether the field, whose value is this address, is one of the node's own or a loopback address. */
export function askWhetherLocal(
  witness: Witness | undefined,
  field: 'source' | 'destination',
  host: TraceHost,
  address: IpAddress,
): void {
  if (witness?.isOpen(field) === true) witness.asked(field, localQuestion(host, familyOf(address)));
}

const protocolQuestions: Readonly<Record<Protocol, WitnessQuestion>> = {
  TCP: nameQuestion('TCP', false),
  UDP: nameQuestion('UDP', false),
  SCTP: nameQuestion('SCTP', false),
};

export function askProtocol(witness: Witness | undefined, protocol: Protocol): void {
  witness?.asked('protocol', protocolQuestions[protocol]);
}

const ctStateQuestions = {
  new: nameQuestion('', false),
  established: nameQuestion('established', false),
  invalid: nameQuestion('invalid', false),
};

/** Whether conntrack, which has looked at the packet, says this of it. */
export function hasCtState(
  state: keyof typeof ctStateQuestions,
  { packet, witness }: Pick<TraceScene, 'packet' | 'witness'>,
): boolean {
  witness?.asked('ctState', ctStateQuestions[state]);
  return (packet.ctState ?? 'new') === state;
}

const noInterface: WitnessQuestion = { bounds: ['', textAfter('')], tellsApart: false };

/** Whether the packet comes from this node. */
export function askWhetherSent(witness: Witness | undefined): void {
  witness?.asked('inputInterface', noInterface);
}

/** Whether a name equals this one, or begins with it. */
export function nameQuestion(name: string, isPrefix: boolean): WitnessQuestion {
  if (!isPrefix) return { bounds: [name, textAfter(name)], tellsApart: false };
  return { bounds: name === '' ? [] : [name, textAfterPrefix(name)], tellsApart: false };
}

type Range = readonly [from: FieldValue, to: FieldValue];

/** Ranges in any order, possibly overlapping. Distinguishing ranges are cut where one of them begins or ends. */
function questionOf(ranges: readonly Range[], tellsApart: boolean): WitnessQuestion {
  const sorted = ranges.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const joined: FieldValue[] = [];
  for (const [from, to] of sorted) {
    const end = joined.at(-1);
    if (end === undefined || from >= end) joined.push(from, to);
    else if (tellsApart) return { bounds: cutRanges(sorted), tellsApart };
    else if (to > end) joined[joined.length - 1] = to;
  }
  return { bounds: joined, tellsApart };
}

/** Every interval between two bounds is a separate range, even outside all ranges: a finer cut does no harm. */
function cutRanges(ranges: readonly Range[]): readonly FieldValue[] {
  const cuts = [...new Set(ranges.flat())].sort((a, b) => (a < b ? -1 : 1));
  return cuts.slice(1).flatMap((to, i) => [cuts[i] as FieldValue, to]);
}

/** Which of these values it equals, or which of these blocks contains it, if any. */
export function whichOf(
  field: PacketField,
  of: { readonly values: Iterable<string | number>; readonly blocks?: readonly Cidr[]; readonly tellsApart: boolean },
): WitnessQuestion {
  const values = [...new Set(of.values)];
  const points =
    field === 'source' || field === 'destination'
      ? (values as IpAddress[]).map(pointOf)
      : values.map((value): Range => [value, typeof value === 'number' ? value + 1 : textAfter(value)]);
  return questionOf([...points, ...(of.blocks ?? []).map(cidrBounds)], of.tellsApart);
}

/** Asks which key of the map, or value of the set, the field equals, if any. */
export function askWhich(witness: Witness | undefined, field: PacketField, known: Keyed): void {
  if (witness?.isOpen(field) !== true || known.size === 0) return;
  witness.asked(field, whichKey(field, known));
}

/** Which key of the map, or value of the set, the field equals, if any; built once for each. */
export function whichKey(field: PacketField, known: Keyed): WitnessQuestion {
  return keyQuestions[field](known);
}

type Keyed = ReadonlyMap<string | number, unknown> | ReadonlySet<string | number>;

/** Questions about a field that depend only on an immutable value, each built once. */
export function questionsAbout<Key extends object>(
  make: (field: PacketField, key: Key) => WitnessQuestion,
): Readonly<Record<PacketField, (key: Key) => WitnessQuestion>> {
  const about = (field: PacketField) => memoize((key: Key) => make(field, key));
  return {
    destination: about('destination'),
    protocol: about('protocol'),
    port: about('port'),
    source: about('source'),
    inputInterface: about('inputInterface'),
    remembered: about('remembered'),
    ctState: about('ctState'),
  };
}

const keyQuestions = questionsAbout((field, known: Keyed) =>
  whichOf(field, { values: known.keys(), tellsApart: true }),
);

/** The range of this single address. */
export function pointOf(address: IpAddress): Range {
  const number = addressNumber(address);
  return typeof number === 'number' ? [number, number + 1] : [number, number + 1n];
}

/** Asks whether an address lies in one of the blocks. */
export function askBlocks(
  witness: Witness | undefined,
  field: 'source' | 'destination',
  blocks: readonly Cidr[],
): void {
  if (witness?.isOpen(field) !== true) return;
  for (const block of blocks) {
    witness.asked(
      field,
      once(witness.questions, block, () => ({ bounds: cidrBounds(block), tellsApart: false })),
    );
  }
}

/** Asks whether an address is this one. */
export function askAddress(witness: Witness | undefined, field: 'source' | 'destination', address: IpAddress): void {
  if (witness?.isOpen(field) !== true) return;
  witness.asked(
    field,
    once(witness.questions, address, () => ({ bounds: pointOf(address), tellsApart: false })),
  );
}

const mostQuestions = 5_000;

function once(known: AddressQuestions, about: IpAddress | Cidr, make: () => WitnessQuestion): WitnessQuestion {
  if (known.size > mostQuestions) known.clear();
  return remember(known, about, make);
}
