/** Divides addresses into atoms: all addresses of an atom lie in the same blocks. */
import { addressFromBits, type Cidr, type IpAddress, type IpFamily } from '../model/address.ts';
import { cidrBounds, wholeFamily } from '../model/cidr.ts';
import { remember } from '../structures/remember.ts';

export type MarkedBlock<M> = readonly [block: Cidr, mark: M];

/** All addresses that lie within the same marked blocks, and one of them. */
export interface Atom<M extends string> {
  readonly address: IpAddress;
  readonly marks: ReadonlySet<M>;
}

interface Interval<M> {
  readonly start: bigint;
  readonly end: bigint;
  readonly marks: Set<M>;
  /** The first address that no block within takes; beyond `end` when they take all. */
  free: bigint;
}

/**
 * One address of each set of blocks that hold some address: blocks nest or are disjoint, so there is one such set for
 * each block (what no smaller block within takes) and one for the rest. In one sweep, as lists of ranges can be long.
 */
export function sourceAtoms<M extends string>(family: IpFamily, blocks: readonly MarkedBlock<M>[]): readonly Atom<M>[] {
  const atoms = new Map<string, Atom<M>>();
  const keep = ({ free, end, marks }: Interval<M>): void => {
    const key = [...marks].toSorted().join();
    if (free <= end && !atoms.has(key)) atoms.set(key, { address: addressFromBits(family, free), marks });
  };
  const open: Interval<M>[] = [];
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
function intervalsOf<M>(family: IpFamily, blocks: readonly MarkedBlock<M>[]): readonly Interval<M>[] {
  const byBlock = new Map<Cidr, Interval<M>>();
  for (const [block, mark] of [[wholeFamily[family], undefined] as const, ...blocks]) {
    const [start = 0n, next = 0n] = cidrBounds(block).map(BigInt);
    const interval = remember(byBlock, block, () => ({ start, end: next - 1n, marks: new Set<M>(), free: start }));
    if (mark !== undefined) interval.marks.add(mark);
  }
  return [...byBlock.values()].sort((a, b) => order(a.start, b.start) || order(b.end, a.end));
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
