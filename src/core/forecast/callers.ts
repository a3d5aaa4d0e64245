/**
 * Who can call, cut into the finitely many classes that a plan can tell apart. Sources are told apart only by whether
 * they are this node's, a local pod's, within source ranges, or an endpoint's own; interfaces only by local detection.
 * So one packet for each combination stands for all.
 */
import {
  addressBits,
  addressFromBits,
  addressWidth,
  type Cidr,
  type IpAddress,
  type IpFamily,
} from '../model/address.ts';
import { hostCidr, loopbackBlocks, wholeFamily } from '../model/cidr.ts';
import type { LocalPodMatch, Plan } from '../model/plan.ts';
import type { Caller } from './changes.ts';

/** One packet's sender, who stands for all senders of its class. */
export interface CallerClass {
  readonly caller: Caller;
  readonly source: IpAddress;
  /** Absent when this node sends. */
  readonly inputInterface?: string;
}

/** All that two plans can ask of a caller at one frontend. */
export interface Questions {
  readonly before: Plan;
  readonly after: Plan;
  /** The node's own addresses of the family. */
  readonly nodeAddresses: readonly IpAddress[];
  /** The source ranges of the frontend before and after; undefined lets everybody in. */
  readonly allowedBefore: readonly Cidr[] | undefined;
  readonly allowedAfter: readonly Cidr[] | undefined;
  /** Endpoints that may be treated otherwise when they call themselves. */
  readonly selves: readonly IpAddress[];
}

type Mark = 'node' | 'loopback' | 'podBefore' | 'podAfter' | 'allowedBefore' | 'allowedAfter' | `self ${string}`;

/** Whether such callers occur in an orderly network, and are not themselves the endpoint. */
export function isOrdinary({ who }: Caller): boolean {
  return who !== 'forged' && who !== 'thisNodeForeign' && who !== 'endpoint';
}

/** Every class of callers, each once, with a packet's sender. */
export function callerClasses(questions: Questions): readonly CallerClass[] {
  const { before, after, allowedBefore, allowedAfter } = questions;
  const classes = new Map<string, CallerClass>();
  for (const { address, marks } of sourceAtoms(before.family, markedBlocks(questions))) {
    for (const inputInterface of [undefined, ...interfacesOf(before.localPods, after.localPods)]) {
      const isPod = {
        before: marks.has('podBefore') || isPodInterface(before.localPods, inputInterface),
        after: marks.has('podAfter') || isPodInterface(after.localPods, inputInterface),
      };
      const isGuarded = allowedBefore !== undefined || allowedAfter !== undefined;
      const allowed = allowedWhen(
        allowedBefore === undefined || marks.has('allowedBefore'),
        allowedAfter === undefined || marks.has('allowedAfter'),
      );
      const who = whoIs(marks, inputInterface, isPod);
      const known = JSON.stringify([[...marks].toSorted(), inputInterface === undefined, isPod]);
      if (classes.has(known)) continue;
      classes.set(known, {
        caller: isGuarded ? { who, allowed } : { who },
        source: address,
        ...(inputInterface === undefined ? {} : { inputInterface }),
      });
    }
  }
  return [...classes.values()];
}

function whoIs(
  marks: ReadonlySet<Mark>,
  inputInterface: string | undefined,
  isPod: { readonly before: boolean; readonly after: boolean },
): Caller['who'] {
  const isNode = marks.has('node') || marks.has('loopback');
  if (inputInterface === undefined) return isNode ? 'thisNode' : 'thisNodeForeign';
  if (isNode) return 'forged';
  if ([...marks].some((mark) => mark.startsWith('self '))) return 'endpoint';
  if (isPod.before !== isPod.after) return isPod.before ? 'podsBefore' : 'podsAfter';
  return isPod.before ? 'pods' : 'others';
}

function allowedWhen(before: boolean, after: boolean): NonNullable<Caller['allowed']> {
  if (before) return after ? 'both' : 'before';
  return after ? 'after' : 'never';
}

/** Whether lists of source ranges differ in the addresses that they hold, and how; undefined holds all. */
export function compareRanges(
  family: IpFamily,
  before: readonly Cidr[] | undefined,
  after: readonly Cidr[] | undefined,
) {
  const everything = [wholeFamily[family]];
  const atoms = sourceAtoms(family, [
    ...(before ?? everything).map((block) => [block, 'allowedBefore'] as const),
    ...(after ?? everything).map((block) => [block, 'allowedAfter'] as const),
  ]);
  return {
    widened: atoms.some(({ marks }) => marks.has('allowedAfter') && !marks.has('allowedBefore')),
    narrowed: atoms.some(({ marks }) => marks.has('allowedBefore') && !marks.has('allowedAfter')),
  };
}

type MarkedBlock = readonly [block: Cidr, mark: Mark];

function markedBlocks(questions: Questions): readonly MarkedBlock[] {
  const { before, after, nodeAddresses, allowedBefore = [], allowedAfter = [], selves } = questions;
  const loopback = loopbackBlocks[before.family];
  return [
    [loopback, 'loopback'],
    ...podBlock(before.localPods, 'podBefore'),
    ...podBlock(after.localPods, 'podAfter'),
    ...nodeAddresses.map((address) => [hostCidr(address), 'node'] as const),
    ...allowedBefore.map((block) => [block, 'allowedBefore'] as const),
    ...allowedAfter.map((block) => [block, 'allowedAfter'] as const),
    ...selves.map((address) => [hostCidr(address), `self ${address}`] as const),
  ];
}

function podBlock(localPods: LocalPodMatch, mark: Mark): readonly MarkedBlock[] {
  if (localPods.kind === 'sources') return [[localPods.cidr, mark]];
  return [];
}

function isPodInterface(localPods: LocalPodMatch, inputInterface: string | undefined): boolean {
  switch (localPods.kind) {
    case 'everyone':
      return true;
    case 'interface':
      return inputInterface === localPods.name;
    case 'interfacePrefix':
      return inputInterface?.startsWith(localPods.prefix) ?? false;
    case 'sources':
    case 'unknown':
      return false;
    default:
      return localPods satisfies never;
  }
}

/** An interface for each that local detection names, and one that it does not. */
function interfacesOf(before: LocalPodMatch, after: LocalPodMatch): readonly string[] {
  const named = [before, after].flatMap((localPods) => {
    if (localPods.kind === 'interface') return [localPods.name];
    // `~` is in no interface name that anybody could have asked for.
    return localPods.kind === 'interfacePrefix' ? [`${localPods.prefix}~`] : [];
  });
  // Two detections cannot name all three of these.
  const other = ['eth0', 'outside', 'wan'].find(
    (name) => !isPodInterface(strict(before), name) && !isPodInterface(strict(after), name),
  );
  return [...new Set([...named, other ?? ''])];
}

/** `everyone` holds whatever the interface. */
function strict(localPods: LocalPodMatch): LocalPodMatch {
  return localPods.kind === 'everyone' ? { kind: 'unknown' } : localPods;
}

interface Atom {
  readonly address: IpAddress;
  readonly marks: ReadonlySet<Mark>;
}

interface Interval {
  readonly start: bigint;
  readonly end: bigint;
  readonly marks: Set<Mark>;
  /** The first address that no block within takes; beyond `end` when they take all. */
  free: bigint;
}

/**
 * One address of each set of blocks that hold some address: blocks nest or are disjoint, so there is one such set for
 * each block (what no smaller block within takes) and one for the rest. In one sweep, as lists of ranges can be long.
 */
function sourceAtoms(family: IpFamily, blocks: readonly MarkedBlock[]): readonly Atom[] {
  const atoms = new Map<string, Atom>();
  const keep = ({ free, end, marks }: Interval): void => {
    const key = [...marks].toSorted().join();
    if (free <= end && !atoms.has(key)) atoms.set(key, { address: addressFromBits(family, free), marks });
  };
  const open: Interval[] = [];
  for (const interval of intervalsOf(family, blocks)) {
    while (open.length > 1 && (open.at(-1)?.end ?? 0n) < interval.start) {
      const done = open.pop();
      if (done !== undefined) keep(done);
    }
    const outer = open.at(-1);
    if (outer !== undefined) {
      for (const mark of outer.marks) interval.marks.add(mark);
      if (outer.free >= interval.start && outer.free <= interval.end) outer.free = interval.end + 1n;
    }
    open.push(interval);
  }
  for (const interval of open.toReversed()) keep(interval);
  return [...atoms.values()];
}

/** The whole family first; then by first address, an outer block before those within. Each block once. */
function intervalsOf(family: IpFamily, blocks: readonly MarkedBlock[]): readonly Interval[] {
  const byBlock = new Map<Cidr, Interval>();
  for (const [block, mark] of [[wholeFamily[family], undefined] as const, ...blocks]) {
    const [address = '', length = ''] = block.split('/');
    const start = addressBits(address as IpAddress);
    const size = 1n << BigInt(addressWidth(family) - Number(length));
    const interval = byBlock.get(block) ?? { start, end: start + size - 1n, marks: new Set<Mark>(), free: start };
    if (mark !== undefined) interval.marks.add(mark);
    byBlock.set(block, interval);
  }
  return [...byBlock.values()].sort((a, b) => order(a.start, b.start) || order(b.end, a.end));
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
