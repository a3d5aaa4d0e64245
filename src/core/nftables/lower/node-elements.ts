/** What is in sets on behalf of the node: either it is the node's own, or several service ports have it in common. */
import type { Cidr, IpAddress } from '../../model/address.ts';
import { widestBlocks } from '../../model/cidr.ts';
import type { Plan } from '../../model/plan.ts';
import { sameElements } from '../../structures/list-difference.ts';
import { sets } from '../names.ts';
import type { Element, ElementGroup, NamedSet } from '../ruleset.ts';

type Groups = ReadonlyMap<string, NamedSet['groups']>;

/** What several service ports may have in common, as a chunk of them has it. */
export interface NodeParts {
  readonly clusterIps: readonly IpAddress[];
  /** Endpoints that are, or may be, on this node. */
  readonly hairpins: readonly IpAddress[];
}

/** The groups of the last compile, and what they were made of. */
export interface NodeMemory {
  parts: readonly NodeParts[];
  shared: Map<string, NamedSet['groups']>;
  own: Map<string, ElementGroup>;
}

export function emptyNodeMemory(): NodeMemory {
  return { parts: [], shared: new Map(), own: new Map() };
}

/** The node's groups by the name of their set. Groups that did not change keep their identity. */
export function nodeGroups(plan: Plan, parts: readonly NodeParts[], memory: NodeMemory): Groups {
  const { parts: before, shared } = memory;
  const isSame = (list: keyof NodeParts): boolean =>
    parts.length === before.length && parts.every((part, i) => sameElements(part[list], before[i]?.[list] ?? []));
  const unite = (list: keyof NodeParts): readonly IpAddress[] => [...new Set(parts.flatMap((part) => part[list]))];
  if (!shared.has(sets.clusterIps) || !isSame('clusterIps')) {
    shared.set(sets.clusterIps, groupOf(keysOf(unite('clusterIps'))));
  }
  if (!shared.has(sets.hairpins) || !isSame('hairpins')) {
    const elements = unite('hairpins').map((address) => ({ key: [address, address] }));
    shared.set(sets.hairpins, groupOf(elements));
  }
  memory.parts = parts;
  return new Map([
    ...ownGroups(plan, memory),
    ...(plan.unusedClusterIps === undefined ? onlyHairpins(shared) : shared),
  ]);
}

function onlyHairpins(shared: Groups): Groups {
  return new Map([...shared].filter(([set]) => set === sets.hairpins));
}

function ownGroups({ nodePorts, healthChecks, unusedClusterIps }: Plan, { own }: NodeMemory): Groups {
  const { within, except } = nodePorts;
  const lists: Readonly<Record<string, readonly Element[]>> = {
    [sets.serviceCidrs]: keysOf(unusedClusterIps?.serviceCidrs ?? []),
    [sets.nodePortAddresses]: keysOf(widestBlocks(within)),
    [sets.nodePortExceptions]: keysOf(except === undefined ? [] : [except]),
    [sets.healthCheckPorts]: healthChecks.map(({ port }) => ({ key: [port] })),
  };
  return new Map(
    Object.entries(lists).map(([set, elements]) => {
      const known = own.get(set);
      const group = known !== undefined && sameKeys(known.elements, elements) ? known : { owner: '', elements };
      own.set(set, group);
      return [set, group.elements.length > 0 ? [[group]] : []];
    }),
  );
}

function sameKeys(a: readonly Element[], b: readonly Element[]): boolean {
  return a.length === b.length && a.every(({ key }, i) => sameElements(key, b[i]?.key ?? []));
}

function groupOf(elements: readonly Element[]): NamedSet['groups'] {
  return elements.length > 0 ? [[{ owner: '', elements }]] : [];
}

function keysOf(blocks: readonly (IpAddress | Cidr)[]): readonly Element[] {
  return blocks.map((block) => ({ key: [block] }));
}
