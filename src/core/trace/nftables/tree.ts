/** The elements of a set or map as a tree over the parts of their keys: a look-up asks each field once. */
import type { Cidr } from '../../model/address.ts';
import type { ForeignElement, ForeignGroup, ForeignSet } from '../../nftables/listing/ruleset.ts';
import type { ElementPart } from '../../nftables/ruleset.ts';
import { changedValues } from '../../structures/chunked.ts';
import { memoize } from '../../structures/memoize.ts';
import { remember } from '../../structures/remember.ts';

/** An element, and the name of its owner (a service port). */
export interface OwnedElement {
  readonly element: ForeignElement;
  readonly owner: string;
}

/** The child for a value of one part: another branch, or the element after the last part. */
export type ElementNode = ElementBranch | OwnedElement;

export interface ElementBranch {
  readonly exact: ReadonlyMap<ElementPart, ElementNode>;
  /** By prefix length. */
  readonly blocks: ReadonlyMap<number, ReadonlyMap<ElementPart, ElementNode>>;
}

/** A branch that may still be changed, because it is not shared yet. */
interface OpenBranch {
  readonly exact: Map<ElementPart, ElementNode>;
  readonly blocks: Map<number, Map<ElementPart, ElementNode>>;
}

/** The order in which the parts of a key are asked, as indexes into the key. */
export type PartOrder = readonly number[];

/** The trees of a set by the text of their order, built at first use. */
const treesOf = memoize(
  (_set: ForeignSet) => new Map<string, { readonly order: PartOrder; readonly root: ElementBranch }>(),
);

/** The tree of the set for this order; the same value each time. */
export function treeOf(set: ForeignSet, order: PartOrder): ElementBranch {
  const known = treesOf(set).get(order.join());
  if (known !== undefined) return known.root;
  const steps = growTree(set, order);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The number of elements that take a few milliseconds. */
const elementsPerStep = 3_000;

/** Builds the tree in steps, so that the caller can do other work during a large one. */
export function* growTree(set: ForeignSet, order: PartOrder): Generator<void, ElementBranch> {
  const ofSet = treesOf(set);
  const known = ofSet.get(order.join());
  if (known !== undefined) return known.root;
  const tree = changedTree({ exact: new Map(), blocks: new Map() }, order);
  let elements = 0;
  for (const group of set.groups.flat()) {
    tree.add(group);
    elements += group.elements.length;
    if (elements < elementsPerStep) continue;
    elements = 0;
    yield;
  }
  ofSet.set(order.join(), { order, root: tree.root });
  return tree.root;
}

/** Builds the trees of a set from those of a similar one: the cost depends on the groups that differ. */
export function inheritTrees(from: ForeignSet, to: ForeignSet): void {
  treesOf.inherit(from, to, (trees) => {
    const { gone, come } = changedValues(from.groups, to.groups);
    return new Map(
      [...trees].map(([text, { order, root }]) => {
        const tree = changedTree(root, order);
        for (const group of gone) tree.remove(group);
        for (const group of come) tree.add(group);
        return [text, { order, root: tree.root }];
      }),
    );
  });
}

/** A tree to change. Shared branches are copied first. */
function changedTree(start: ElementBranch, order: PartOrder) {
  const own = new Set<ElementBranch>();
  const open = (branch: ElementBranch): OpenBranch => {
    if (own.has(branch)) return branch as OpenBranch;
    const blocks = [...branch.blocks].map(([length, map]) => [length, new Map(map)] as const);
    const copy = { exact: new Map(branch.exact), blocks: new Map(blocks) };
    own.add(copy);
    return copy;
  };
  const root = open(start);
  /** Inserts the element, or removes it with all branches that become empty. */
  const put = (branch: OpenBranch, depth: number, element: ForeignElement, owned: OwnedElement | undefined): void => {
    const part = partAt(element, order[depth] ?? 0);
    const values = valuesFor(branch, part);
    if (depth < order.length - 1) {
      const next = open((values.get(part) as ElementBranch | undefined) ?? { exact: new Map(), blocks: new Map() });
      values.set(part, next);
      put(next, depth + 1, element, owned);
      if (!isEmpty(next)) return;
      values.delete(part);
    } else if (owned === undefined) values.delete(part);
    else values.set(part, owned);
    if (values.size === 0 && values !== branch.exact) branch.blocks.delete(lengthOf(part) ?? -1);
  };
  // A key of another length never matches; the kernel would refuse such an element.
  const fitting = ({ elements }: ForeignGroup) => elements.filter(({ key }) => key.length === order.length);
  return {
    root,
    add: (group: ForeignGroup): void => {
      for (const element of fitting(group)) put(root, 0, element, { element, owner: group.owner });
    },
    remove: (group: ForeignGroup): void => {
      for (const element of fitting(group)) put(root, 0, element, undefined);
    },
  };
}

function isEmpty({ exact, blocks }: ElementBranch): boolean {
  return exact.size === 0 && blocks.size === 0;
}

function partAt({ key }: ForeignElement, place: number): ElementPart {
  const part = key[place];
  if (part === undefined) throw new Error(`an element with fewer parts than its set: ${key.join(' . ')}`);
  return part;
}

function valuesFor({ exact, blocks }: OpenBranch, part: ElementPart): Map<ElementPart, ElementNode> {
  const length = lengthOf(part);
  return length === undefined ? exact : remember(blocks, length, () => new Map());
}

/** The prefix length of a block; undefined if the text is not a block. */
function lengthOf(part: ElementPart): number | undefined {
  return isBlock(part) ? Number(part.slice(part.indexOf('/') + 1)) : undefined;
}

function isBlock(part: ElementPart): part is Cidr {
  return typeof part === 'string' && part.includes('/');
}
