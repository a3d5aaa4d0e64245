/**
 * What a tracer asks about the packet that it was given. Whoever listens learns which other packets would have met the
 * same fate: all that give the same answers, since tracers know nothing of a packet but these answers.
 */
import { addressNumber, type Cidr, familyOf, type IpAddress, type IpFamily } from '../model/address.ts';
import { cidrBounds, loopbackBlocks } from '../model/cidr.ts';
import type { Protocol } from '../model/objects.ts';
import type { TraceHost } from '../model/packet.ts';
import { remember } from '../structures/remember.ts';

/** The fields of a packet as it was sent. `inputInterface` and `remembered` are '' where there is none. */
export const packetFields = ['destination', 'protocol', 'port', 'source', 'inputInterface', 'remembered'] as const;
export type PacketField = (typeof packetFields)[number];

/** Of one kind for each field, and ordered: addresses as `addressNumber`, ports as numbers, all else as text. */
export type FieldValue = number | bigint | string;

/** Which of some ranges of values the field is in. */
export interface PacketQuestion {
  /** Half-open ranges `from, to, from, to, …` in ascending order, without any that overlap. */
  readonly bounds: readonly FieldValue[];
  /** Whether the answer names the range, or only says that there is one. */
  readonly tellsApart: boolean;
}

export interface Witness {
  /** Whether there is still anything to ask about the field. */
  readonly isOpen: (field: PacketField) => boolean;
  readonly asked: (field: PacketField, question: PacketQuestion) => void;
  /** The trace depends on this part of plan or ruleset: by identity, or by a name as in `parts`. */
  readonly used: (part: object | string) => void;
}

/** Names of what a trace can depend on besides chains, sets and addresses. */
export const parts = {
  /** Which addresses and ports are frontends. */
  frontends: 'frontends',
  nodePorts: 'NodePorts',
  healthChecks: 'health checks',
} as const;

/** What a trace depends on that asks whether there is a NodePort of this number, of any protocol. */
export function nodePortPart(port: number): string {
  return `NodePort ${port}`;
}

const chainParts = new WeakMap<object, string>();

/**
 * What a trace depends on that walks this chain of a table. Rules of a long chain that are for one destination alone
 * are told by that.
 */
export function chainPart(chain: { readonly name: string }, table: string): string {
  return remember(chainParts, chain, () => chainPartNamed(chain.name, table));
}

export function chainPartNamed(chain: string, table: string): string {
  return `chain ${table} ${chain}`;
}

/** What a trace depends on that walks through a long chain with more than one destination: all of its rules. */
export function wholeChainPart(chain: string, table: string): string {
  return `whole ${chainPartNamed(chain, table)}`;
}

/**
 * What a trace depends on that looks into a set: all elements, or those for one port. What it looks up by destination
 * is told by that.
 */
export function namedSet(name: string, port?: number): string {
  return port === undefined ? `set ${name}` : `set ${name} ${port}`;
}

/** What a trace depends on that asks a list of xt_recent. */
export function recentList(name: string): string {
  return `list ${name}`;
}

/** The first text after this one: in names and `address:port` no character comes before `!`. */
export function textAfter(text: string): string {
  return `${text}!`;
}

/** The first text after all that begin with this one, which is not empty. */
function textAfterPrefix(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

const blockQuestions = new Map<string, PacketQuestion>();
const largestMemory = 5_000;

/** Whether an address is in the block. */
function blockQuestion(block: Cidr): PacketQuestion {
  if (blockQuestions.size > largestMemory) blockQuestions.clear();
  return remember(blockQuestions, block, () => ({ bounds: cidrBounds(block), tellsApart: false }));
}

export function addressQuestion(address: IpAddress): PacketQuestion {
  if (blockQuestions.size > largestMemory) blockQuestions.clear();
  return remember(blockQuestions, address, () => whichOf('source', { values: [address], tellsApart: false }));
}

const localQuestions = new WeakMap<TraceHost, Map<IpFamily, PacketQuestion>>();

/** Whether an address is one of the node's own or a loopback address. */
export function localQuestion(host: TraceHost, family: IpFamily): PacketQuestion {
  return remember(
    remember(localQuestions, host, () => new Map()),
    family,
    () => {
      const own = host.addresses.filter((address) => address.includes(':') === (family === 'IPv6'));
      return whichOf('source', { values: own, blocks: [loopbackBlocks[family]], tellsApart: false });
    },
  );
}

/** Whether a port is in the range, both ends included. */
export function portQuestion({ from, to }: { readonly from: number; readonly to: number }): PacketQuestion {
  return { bounds: [from, to + 1], tellsApart: false };
}

/** Asks whether the address, which is this one, is one of the node's own or a loopback address. */
export function askWhetherLocal(
  witness: Witness | undefined,
  field: 'source' | 'destination',
  host: TraceHost,
  address: IpAddress,
): void {
  if (witness?.isOpen(field) === true) witness.asked(field, localQuestion(host, familyOf(address)));
}

const protocolQuestions: Readonly<Record<Protocol, PacketQuestion>> = {
  TCP: nameQuestion('TCP', false),
  UDP: nameQuestion('UDP', false),
  SCTP: nameQuestion('SCTP', false),
};

export function askProtocol(witness: Witness | undefined, protocol: Protocol): void {
  witness?.asked('protocol', protocolQuestions[protocol]);
}

const noInterface: PacketQuestion = { bounds: ['', textAfter('')], tellsApart: false };

/** Whether the packet comes from this node. */
export function askWhetherSent(witness: Witness | undefined): void {
  witness?.asked('inputInterface', noInterface);
}

/** Whether a name is this one, or begins with it. */
export function nameQuestion(name: string, isPrefix: boolean): PacketQuestion {
  if (!isPrefix) return { bounds: [name, textAfter(name)], tellsApart: false };
  return { bounds: name === '' ? [] : [name, textAfterPrefix(name)], tellsApart: false };
}

type Range = readonly [from: FieldValue, to: FieldValue];

/** Ranges in any order, some perhaps over others. Those that tell apart are cut where one of them begins or ends. */
function questionOf(ranges: readonly Range[], tellsApart: boolean): PacketQuestion {
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

/** Every stretch between two bounds is a range of its own, also one that lies in no range: a finer cut is no harm. */
function cutRanges(ranges: readonly Range[]): readonly FieldValue[] {
  const cuts = [...new Set(ranges.flat())].sort((a, b) => (a < b ? -1 : 1));
  return cuts.slice(1).flatMap((to, i) => [cuts[i] as FieldValue, to]);
}

function pointsOfAddresses(addresses: readonly IpAddress[]): readonly Range[] {
  return addresses.map(pointOf);
}

/** Which of these values it is, or which of these blocks it lies in, if any. */
export function whichOf(
  field: PacketField,
  of: { readonly values: Iterable<string | number>; readonly blocks?: readonly Cidr[]; readonly tellsApart: boolean },
): PacketQuestion {
  const values = [...new Set(of.values)];
  const points =
    field === 'source' || field === 'destination'
      ? pointsOfAddresses(values as IpAddress[])
      : values.map((value): Range => [value, typeof value === 'number' ? value + 1 : textAfter(value)]);
  return questionOf([...points, ...(of.blocks ?? []).map(cidrBounds)], of.tellsApart);
}

const keyQuestions = new WeakMap<ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>, PacketQuestion>();

/** Asks which key of the map, or value of the set, the field is, if any. */
export function askWhich(
  witness: Witness | undefined,
  field: PacketField,
  known: ReadonlyMap<string | number, unknown> | ReadonlySet<string | number>,
): void {
  if (witness?.isOpen(field) !== true || known.size === 0) return;
  witness.asked(field, whichKey(field, known));
}

/** Which key of the map, or value of the set, the field is, if any; made once for each. */
export function whichKey(
  field: PacketField,
  known: ReadonlyMap<string | number, unknown> | ReadonlySet<string | number>,
): PacketQuestion {
  return remember(keyQuestions, known, () => whichOf(field, { values: known.keys(), tellsApart: true }));
}

/** The range that holds this one address. */
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
  for (const block of blocks) witness.asked(field, blockQuestion(block));
}
