/** What is in sets on behalf of the node: either it is the node's own, or several service ports have it in common. */
import type { Cidr, IpAddress } from '../model/address.ts';
import { widestBlocks } from '../model/cidr.ts';
import { sameElements } from '../model/list-memory.ts';
import type { Plan } from '../model/plan.ts';
import { sets } from './names.ts';
import type { Element, ElementGroup } from './ruleset.ts';
import type { LoweredServicePort } from './service-port.ts';

type Groups = ReadonlyMap<string, readonly ElementGroup[]>;

/** The groups of the last compile, and what they were made of. */
export interface NodeMemory {
  lowered: readonly LoweredServicePort[];
  shared: Groups;
  own: Map<string, ElementGroup>;
}

export function emptyNodeMemory(): NodeMemory {
  return { lowered: [], shared: new Map(), own: new Map() };
}

/** The node's groups by the name of their set. Groups that did not change keep their identity. */
export function nodeGroups(plan: Plan, lowered: readonly LoweredServicePort[], memory: NodeMemory): Groups {
  const isSame =
    lowered.length === memory.lowered.length && lowered.every((each, i) => sharesSame(each, memory.lowered[i]));
  const shared = isSame && memory.shared.size > 0 ? memory.shared : sharedGroups(lowered);
  memory.lowered = lowered;
  memory.shared = shared;
  return new Map([
    ...ownGroups(plan, memory),
    ...(plan.unusedClusterIps === undefined ? onlyHairpins(shared) : shared),
  ]);
}

function sharesSame(each: LoweredServicePort, before: LoweredServicePort | undefined): boolean {
  if (each === before) return true;
  return each.clusterIp === before?.clusterIp && sameElements(each.hairpins, before?.hairpins ?? []);
}

function sharedGroups(lowered: readonly LoweredServicePort[]): Groups {
  const hairpins = new Set<IpAddress>();
  const clusterIps = new Set<IpAddress>();
  for (const each of lowered) {
    for (const address of each.hairpins) hairpins.add(address);
    if (each.clusterIp !== undefined) clusterIps.add(each.clusterIp);
  }
  return new Map([
    [sets.hairpins, groupOf([...hairpins].map((address) => ({ key: [address, address] })))],
    [sets.clusterIps, groupOf(keysOf([...clusterIps]))],
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
      return [set, group.elements.length > 0 ? [group] : []];
    }),
  );
}

function sameKeys(a: readonly Element[], b: readonly Element[]): boolean {
  return a.length === b.length && a.every(({ key }, i) => sameElements(key, b[i]?.key ?? []));
}

function groupOf(elements: readonly Element[]): readonly ElementGroup[] {
  return elements.length > 0 ? [{ owner: '', elements }] : [];
}

function keysOf(blocks: readonly (IpAddress | Cidr)[]): readonly Element[] {
  return blocks.map((block) => ({ key: [block] }));
}
