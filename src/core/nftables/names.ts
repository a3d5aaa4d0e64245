/**
 * Names in the table, made only of fixed words, numbers and hashes: no text from the API gets into a name.
 */
import type { Protocol } from '../model/objects.ts';
import type { PoolName, Route, ServicePortId } from '../model/plan.ts';
import { memoize } from '../structures/memoize.ts';
import { shortHash } from '../structures/short-hash.ts';

/** Sets and maps that every table has, by what they are asked. */
export const sets = {
  /** The verdict on packets to a frontend: verdict maps. */
  services: 'services',
  nodePorts: 'node-ports',
  /** The frontends of both maps above: their packets must be dropped if a look-up misses. */
  frontends: 'frontends',
  nodePortFrontends: 'node-port-frontends',
  /** Frontends that may keep a packet's destination, which the kernel does not count as rewritten. */
  unchangedFrontends: 'unchanged-frontends',
  /** Frontends that refuse or drop packets without an endpoint: verdict maps. */
  refusals: 'refusals',
  nodePortRefusals: 'node-port-refusals',
  nodePortAddresses: 'node-port-addresses',
  nodePortExceptions: 'node-port-exceptions',
  guarded: 'guarded',
  allowedSources: 'allowed-sources',
  healthCheckPorts: 'health-check-ports',
  clusterIps: 'cluster-ips',
  serviceCidrs: 'service-cidrs',
} as const;

/** Chains that every table has, besides those with a hook. */
export const chains = {
  services: 'services',
  toNodePort: 'to-node-port',
  guard: 'guard',
  hairpin: 'hairpin',
  unsent: 'unsent',
  refuse: 'refuse',
  unusedClusterIps: 'unused-cluster-ips',
} as const;

/** How a packet addresses the frontend: by its address, or by a port of the node. */
export type FrontendKind = 'address' | 'nodePort';

/** How many endpoints each pool has. */
export type PoolSizes = Readonly<Record<PoolName, number>>;

/** The map of the endpoints at the slots of frontends: `tcp-endpoints`, `udp-node-port-local-endpoints`. */
export function endpointsMap(kind: FrontendKind, pool: PoolName, protocol: Protocol): string {
  const words = [...(kind === 'nodePort' ? ['node-port'] : []), ...(pool === 'local' ? ['local'] : []), 'endpoints'];
  return [protocol.toLowerCase(), ...words].join('-');
}

/**
 * The set of endpoints on this node with the frontends that send to them, where a sender that is the endpoint is
 * masqueraded: `tcp-hairpins`, `udp-node-port-hairpins`.
 */
export function hairpinSet(kind: FrontendKind, protocol: Protocol): string {
  return `${protocol.toLowerCase()}-${kind === 'nodePort' ? 'node-port-' : ''}hairpins`;
}

/** The chain that picks one of `size` endpoints: `pick-3`, `pick-local-1`, `pick-node-port-3`. */
export function pickChain(kind: FrontendKind, pool: PoolName, size: number): string {
  return ['pick', ...(kind === 'nodePort' ? ['node-port'] : []), ...(pool === 'local' ? ['local'] : []), size].join(
    '-',
  );
}

/** The chain of a route that asks who sends or masquerades: its branches in a few words, `service-masquerade-3`. */
export function routeChain(kind: FrontendKind, route: Route, sizes: PoolSizes): string {
  return `${kind === 'nodePort' ? 'node-port' : 'service'}-${routeWords(route, sizes)}`;
}

/** The chains of a service port with affinity; `sizes` are those of its pools. */
export function affinityPickChain(id: ServicePortId, pool: PoolName): string {
  return `affinity-${hashOf(id)}-pick${pool === 'local' ? '-local' : ''}`;
}

export function affinityRouteChain(id: ServicePortId, route: Route, sizes: PoolSizes): string {
  return `affinity-${hashOf(id)}-${routeWords(route, sizes)}`;
}

/** The chain that sends to an endpoint (`address:port`) and the set of the clients that it has. */
export function endpointNames(
  id: ServicePortId,
  endpoint: string,
): { readonly chain: string; readonly clients: string } {
  const hash = shortHash(`${id.text}${id.protocol.toLowerCase()}${endpoint}`).toLowerCase();
  return { chain: `endpoint-${hash}`, clients: `clients-${hash}` };
}

const hashOf = memoize((id: ServicePortId): string =>
  shortHash(`${id.text}${id.protocol.toLowerCase()}`).toLowerCase(),
);

const callerWords: Readonly<Record<Route[number]['caller'], string>> = {
  anyone: '',
  localPod: 'pod-',
  notLocalPod: 'off-node-',
  thisNode: 'node-',
};

function routeWords(route: Route, sizes: PoolSizes): string {
  const words = route.map(({ caller, action }) => {
    if (action.kind !== 'balance') return `${callerWords[caller]}${action.kind}`;
    const pool = action.pool === 'local' ? 'local-' : '';
    return `${callerWords[caller]}${action.masquerade ? 'masquerade-' : ''}${pool}${sizes[action.pool]}`;
  });
  return words.join('-');
}
