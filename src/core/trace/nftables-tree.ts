/** The elements of a set or map as a tree over the parts of their keys, so that each part of a packet is asked once. */
import type { Cidr } from '../model/address.ts';
import { changedRange } from '../model/list-memory.ts';
import { remember } from '../model/remember.ts';
import type { ForeignElement, ForeignGroup, ForeignSet } from '../nftables/foreign/ruleset.ts';
import type { ElementPart } from '../nftables/ruleset.ts';

/** An element, and whose it is. */
export interface OwnedElement {
  readonly element: ForeignElement;
  readonly owner: string;
}

/** What follows a value of one part: another branch, or after the last part the element. */
export type Node = Branch | OwnedElement;

export interface Branch {
  readonly exact: ReadonlyMap<ElementPart, Node>;
  /** By prefix length. */
  readonly blocks: ReadonlyMap<number, ReadonlyMap<ElementPart, Node>>;
}

/** A branch that may still grow, since nobody else has seen it. */
interface OpenBranch {
  readonly exact: Map<ElementPart, Node>;
  readonly blocks: Map<number, Map<ElementPart, Node>>;
}

/** In which order the parts of a key are asked: their places in the key. */
export type PartOrder = readonly number[];

const trees = new WeakMap<ForeignSet, Map<string, { readonly order: PartOrder; readonly root: Branch }>>();

/** The tree of the set for this order; the same one each time. */
export function treeOf(set: ForeignSet, order: PartOrder): Branch {
  const ofSet = remember(trees, set, () => new Map());
  return remember(ofSet, order.join(), () => ({ order, root: changeTree(emptyBranch(), order, [], set.groups) })).root;
}

/** Makes the trees of a set from those of one that has most of its groups: the cost is that of the others. */
export function inheritTrees(from: ForeignSet, to: ForeignSet): void {
  const known = trees.get(from);
  if (from === to || known === undefined || trees.has(to)) return;
  const { start, beforeEnd, end } = changedRange(from.groups, to.groups);
  const [before, after] = [new Set(from.groups.slice(start, beforeEnd)), new Set(to.groups.slice(start, end))];
  const gone = [...before].filter((group) => !after.has(group));
  const come = [...after].filter((group) => !before.has(group));
  trees.set(
    to,
    new Map([...known].map(([text, { order, root }]) => [text, { order, root: changeTree(root, order, gone, come) }])),
  );
}

function emptyBranch(): OpenBranch {
  return { exact: new Map(), blocks: new Map() };
}

/** A tree without the elements of some groups and with those of others. Branches that others may know are copied. */
function changeTree(
  root: Branch,
  order: PartOrder,
  gone: readonly ForeignGroup[],
  come: readonly ForeignGroup[],
): Branch {
  if (gone.length + come.length === 0) return root;
  const own = new Set<Branch>();
  const open = (branch: Branch): OpenBranch => {
    if (own.has(branch)) return branch as OpenBranch;
    const copy = {
      exact: new Map(branch.exact),
      blocks: new Map([...branch.blocks].map(([n, map]) => [n, new Map(map)])),
    };
    own.add(copy);
    return copy;
  };
  const copy = open(root);
  /** The map that the element is in or belongs in, under the last part of its key. */
  const leafOf = (element: ForeignElement): Map<ElementPart, Node> => {
    let branch = copy;
    for (const place of order.slice(0, -1)) {
      const part = partAt(element, place);
      const values = valuesFor(branch, part);
      const next = open((values.get(part) as Branch | undefined) ?? emptyBranch());
      values.set(part, next);
      branch = next;
    }
    return valuesFor(branch, partAt(element, order.at(-1) ?? 0));
  };
  // A key of another length finds nothing; the kernel would refuse such an element.
  const fits = ({ key }: ForeignElement): boolean => key.length === order.length;
  for (const { elements } of gone) {
    for (const element of elements.filter(fits)) leafOf(element).delete(partAt(element, order.at(-1) ?? 0));
  }
  for (const { owner, elements } of come) {
    for (const element of elements.filter(fits))
      leafOf(element).set(partAt(element, order.at(-1) ?? 0), { element, owner });
  }
  return copy;
}

function partAt({ key }: ForeignElement, place: number): ElementPart {
  const part = key[place];
  if (part === undefined) throw new Error(`an element with fewer parts than its set: ${key.join(' . ')}`);
  return part;
}

function valuesFor({ exact, blocks }: OpenBranch, part: ElementPart): Map<ElementPart, Node> {
  const length = isBlock(part) ? Number(part.slice(part.indexOf('/') + 1)) : undefined;
  return length === undefined ? exact : remember(blocks, length, () => new Map());
}

function isBlock(part: ElementPart): part is Cidr {
  return typeof part === 'string' && part.includes('/');
}
