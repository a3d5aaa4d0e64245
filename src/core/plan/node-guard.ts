/** What no external IP may take from the node itself: its own programs, and its way to the API server. */
import { familyOf, formatHostPort } from '../model/address.ts';
import type { ServicePort } from '../model/objects.ts';
import type { HostFacts, SlicesOfService, Snapshot } from '../model/snapshot.ts';
import { findIn } from '../structures/shards.ts';
import { type Claim, nodePortKey } from './claimants.ts';
import type { FamilyContext } from './context.ts';

/** Keeps its identity while it stays the same. */
export interface NodeGuard {
  /** Of the Node object, and those that the kernel has where these are known. */
  readonly nodeAddresses: ReadonlySet<string>;
  readonly protectsNodeAddresses: boolean;
  /** TCP ports of the node's own programs, and what they are. */
  readonly ports: ReadonlyMap<number, string>;
  /** `10.0.0.1:6443`. */
  readonly apiEndpoints: ReadonlySet<string>;
}

/** What the last guard was made of. */
export interface GuardMemory {
  last: LastGuard | undefined;
}

interface LastGuard {
  readonly host: HostFacts | undefined;
  readonly apiSlices: SlicesOfService | undefined;
  readonly text: string;
  readonly guard: NodeGuard;
}

/** The endpoints of the API server are those of this Service. */
const apiService = 'default/kubernetes';

/** The guard of one context: `memory` must not be used for another. */
export function guardOf(memory: GuardMemory, { host, slices }: Snapshot, context: FamilyContext): NodeGuard {
  const { last } = memory;
  const apiSlices = findIn(slices, apiService);
  if (last !== undefined && last.host === host && last.apiSlices === apiSlices) return last.guard;
  const ofHost = (host?.addresses ?? []).filter((address) => familyOf(address) === context.family);
  const nodeAddresses = [...new Set([...context.nodeAddresses, ...ofHost])].toSorted();
  const apiEndpoints = [...new Set([...(host?.apiEndpoints ?? []), ...endpointsOf(apiSlices)])].toSorted();
  const text = JSON.stringify([nodeAddresses, apiEndpoints]);
  const guard = last?.text === text ? last.guard : makeGuard(context, nodeAddresses, apiEndpoints);
  memory.last = { host, apiSlices, text, guard };
  return guard;
}

function makeGuard(
  { claimRules }: FamilyContext,
  nodeAddresses: readonly string[],
  apiEndpoints: readonly string[],
): NodeGuard {
  return {
    nodeAddresses: new Set(nodeAddresses),
    protectsNodeAddresses: claimRules.protectNodeAddresses,
    ports: new Map(claimRules.protectedPorts.map(({ port, use }) => [port, use])),
    apiEndpoints: new Set(apiEndpoints),
  };
}

function endpointsOf(slices: SlicesOfService | undefined): readonly string[] {
  return [...(slices?.values() ?? [])].flatMap(({ ports, endpoints }) =>
    ports.flatMap(({ port }) => endpoints.map(({ address }) => formatHostPort(address, port))),
  );
}

/** The port that an external address is claimed on. */
function portOf({ owner, portIndex }: Claim): ServicePort | undefined {
  return owner.service.ports[portIndex];
}

/** The NodePort that answers where this claim would: only an address of this node has one. */
export function nodePortBehind({ nodeAddresses }: NodeGuard, claim: Claim): string | undefined {
  if (claim.address === undefined || !nodeAddresses.has(claim.address)) return undefined;
  const port = portOf(claim);
  return port && nodePortKey(port.port, port);
}

/** Why an external IP must not be served, if so: completes the sentence `not served, because …`. */
export function refusalOf(guard: NodeGuard, claim: Claim): string | undefined {
  const { address, kind } = claim;
  if (kind !== 'externalIP' || address === undefined) return undefined;
  const port = portOf(claim);
  if (port === undefined) return undefined;
  if (port.protocol === 'TCP' && guard.apiEndpoints.has(formatHostPort(address, port.port)))
    return 'this is the API server';
  if (!guard.nodeAddresses.has(address)) return undefined;
  if (guard.protectsNodeAddresses) return 'it is on an address of this node, and --protect-node-addresses is set';
  const use = port.protocol === 'TCP' ? guard.ports.get(port.port) : undefined;
  return use === undefined ? undefined : `port ${port.port} of this node's addresses is ${use}`;
}
