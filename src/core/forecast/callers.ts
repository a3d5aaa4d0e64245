/**
 * Divides callers into the finitely many classes that a plan can tell apart. Sources differ only in whether
 * they are this node's, a local pod's, within source ranges, or an endpoint's own; interfaces only by local detection.
 * So one packet for each combination stands for all.
 */
import type { Cidr, IpAddress } from '../model/address.ts';
import { hostCidr, loopbackBlocks } from '../model/cidr.ts';
import type { LocalPodMatch, Plan } from '../model/plan.ts';
import type { CallerGroup } from './changes.ts';
import { type MarkedBlock, sourceAtoms } from './source-atoms.ts';

/** One packet's sender, who stands for all senders of its class. */
export interface CallerClass {
  readonly caller: CallerGroup;
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
  /** The source ranges of the frontend before and after; undefined lets any source in. */
  readonly allowedBefore: readonly Cidr[] | undefined;
  readonly allowedAfter: readonly Cidr[] | undefined;
  /** Endpoints that may be treated otherwise when they call themselves. */
  readonly selves: readonly IpAddress[];
}

type Mark = 'node' | 'loopback' | 'podBefore' | 'podAfter' | 'allowedBefore' | 'allowedAfter' | `self ${string}`;

/** Whether such callers occur in an orderly network, and are not themselves the endpoint. */
export function isOrdinary({ who }: CallerGroup): boolean {
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
): CallerGroup['who'] {
  const isNode = marks.has('node') || marks.has('loopback');
  if (inputInterface === undefined) return isNode ? 'thisNode' : 'thisNodeForeign';
  if (isNode) return 'forged';
  if ([...marks].some((mark) => mark.startsWith('self '))) return 'endpoint';
  if (isPod.before !== isPod.after) return isPod.before ? 'podsBefore' : 'podsAfter';
  return isPod.before ? 'pods' : 'others';
}

function allowedWhen(before: boolean, after: boolean): NonNullable<CallerGroup['allowed']> {
  if (before) return after ? 'both' : 'before';
  return after ? 'after' : 'never';
}

function markedBlocks(questions: Questions): readonly MarkedBlock<Mark>[] {
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

function podBlock(localPods: LocalPodMatch, mark: Mark): readonly MarkedBlock<Mark>[] {
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
    // A prefix cannot contain `~`.
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
