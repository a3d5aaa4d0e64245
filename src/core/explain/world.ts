/** The cluster and the node that a question is about, and lookups in them. */
import { familyOf, type IpAddress, type IpFamily } from '../model/address.ts';
import { cidrContains } from '../model/cidr.ts';
import type { NodeConfig } from '../model/config.ts';
import type { Node, Service, SliceEndpoint } from '../model/objects.ts';
import type { TraceHost } from '../model/packet.ts';
import type { Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { nodeAddresses } from '../plan/node-addresses.ts';
import { planFamily } from '../plan/plan.ts';
import { findIn, keysIn, valuesIn } from '../structures/shards.ts';
import { type ClusterFacts, noClusterFacts } from './cluster-facts.ts';

export interface World {
  readonly snapshot: Snapshot;
  readonly config: NodeConfig;
  readonly clusterFacts: ClusterFacts;
  /** All addresses of the node. */
  readonly host: TraceHost;
}

/** `clusterFacts` and `host` are optional: the node's addresses are in its Node object. */
export type WorldParts = Pick<World, 'snapshot' | 'config'> & Partial<Pick<World, 'clusterFacts' | 'host'>>;

export function worldOf({ snapshot, config, clusterFacts = noClusterFacts, host }: WorldParts): World {
  const addresses = nodeAddresses(config, snapshot.nodes.get(config.nodeName));
  return { snapshot, config, clusterFacts, host: host ?? { addresses } };
}

export function nodeOf({ snapshot, config }: World): Node | undefined {
  return snapshot.nodes.get(config.nodeName);
}

/** Cheap if the same snapshot was planned before. */
export function planOf({ snapshot, config }: World, family: IpFamily): Plan {
  return planFamily(snapshot, config, family).plan;
}

/** An endpoint from a slice, and the Service (`namespace/name`) of the slice. */
export interface KnownEndpoint {
  readonly service: string;
  readonly endpoint: SliceEndpoint;
}

export function endpointsOf({ snapshot }: World, service: string): readonly KnownEndpoint[] {
  const slices = findIn(snapshot.slices, service);
  return [...(slices?.values() ?? [])].flatMap(({ endpoints }) => endpoints.map((endpoint) => ({ service, endpoint })));
}

/** The endpoints of all Services, including Services that do not exist. */
export function allEndpoints(world: World): readonly KnownEndpoint[] {
  return keysIn(world.snapshot.slices).flatMap((service) => endpointsOf(world, service));
}

export function findEndpoint(world: World, address: IpAddress): KnownEndpoint | undefined {
  return allEndpoints(world).find(({ endpoint }) => endpoint.address === address);
}

/** Whether a pod with this address runs on this node according to the objects; local detection may differ. */
export function runsHere(world: World, address: IpAddress): boolean {
  const here = world.config.nodeName;
  const nodeName = findEndpoint(world, address)?.endpoint.nodeName ?? podAt(world, address)?.node;
  if (nodeName !== undefined) return nodeName === here;
  return nodeOf(world)?.podCidrs.some((block) => cidrContains(block, address)) ?? false;
}

function podAt({ clusterFacts }: World, address: IpAddress): { readonly node: string } | undefined {
  return [...clusterFacts.pods.values()].find((pod) => !pod.hostNetwork && pod.addresses.includes(address));
}

/** The Services that claim the address as a frontend, sorted by name. */
export function servicesAt({ snapshot }: World, address: IpAddress): readonly Service[] {
  const family = familyOf(address);
  return valuesIn(snapshot.services).filter(
    ({ clusterIps, externalIps, loadBalancerIps }) =>
      clusterIps[family] === address || externalIps.includes(address) || loadBalancerIps.includes(address),
  );
}
