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
}

/** The groups of the last compile, and what they were made of. */
export interface NodeMemory {
  parts: readonly NodeParts[];
  clusterIps: NamedSet['groups'];
  own: Map<string, ElementGroup>;
}

export function emptyNodeMemory(): NodeMemory {
  return { parts: [], clusterIps: [], own: new Map() };
}

/** The node's groups by the name of their set. Groups that did not change keep their identity. */
export function nodeGroups(plan: Plan, parts: readonly NodeParts[], memory: NodeMemory): Groups {
  const { parts: before } = memory;
  const isSame =
    parts.length === before.length &&
    parts.every(({ clusterIps }, i) => sameElements(clusterIps, before[i]?.clusterIps ?? []));
  if (!isSame) memory.clusterIps = groupOf(keysOf([...new Set(parts.flatMap(({ clusterIps }) => clusterIps))]));
  memory.parts = parts;
  const groups = ownGroups(plan, memory);
  return plan.unusedClusterIps === undefined ? groups : new Map([...groups, [sets.clusterIps, memory.clusterIps]]);
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
