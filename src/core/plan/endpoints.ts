/** Which endpoints of a Service take traffic: conditions, topology and locality end here and are not seen again. */
import { formatHostPort, type IpFamily } from '../model/address.ts';
import type { ServicePort, SliceEndpoint, SlicePort } from '../model/objects.ts';
import type { Locality, PlannedEndpoint } from '../model/plan.ts';
import type { SlicesOfService } from '../model/snapshot.ts';
import { compareText } from '../structures/compare-text.ts';

/** An endpoint of one service port with all that decides whether it is used. */
export interface Candidate {
  readonly planned: PlannedEndpoint;
  /** `address:port`. */
  readonly key: string;
  readonly source: SliceEndpoint;
}

/** This node, as far as endpoints are concerned. */
export interface NodePlace {
  readonly name: string;
  readonly zone: string | undefined;
}

/** The endpoints for both traffic policies; see `selectPools`. */
export interface SelectedPools {
  readonly cluster: readonly PlannedEndpoint[];
  readonly local: readonly PlannedEndpoint[];
  /** Whether any endpoint anywhere could take traffic: tells "refuse" from "drop". */
  readonly hasAny: boolean;
  /** How many endpoints were left out of a pool since it was full. */
  readonly surplus: number;
}

/**
 * nft picks one of at most so many (`numgen … mod 65536`). Without a limit here, anyone who can write EndpointSlices
 * could make a Service whose rules no node can load, and with them those of all others.
 */
export const maxPoolSize = 0x10000;

/**
 * The endpoints that the slices name for a service port, each `address:port` once, sorted by it. A slice port belongs
 * to the service port of the same name and protocol, and its number wins (kube-proxy: EndpointSliceCache).
 */
export function candidatesFor(
  slices: SlicesOfService,
  port: Pick<ServicePort, 'name' | 'protocol'>,
  family: IpFamily,
  place: NodePlace,
): readonly Candidate[] {
  const byKey = new Map<string, Candidate>();
  for (const slice of slices.values()) {
    if (slice.family !== family) continue;
    for (const slicePort of slice.ports) {
      if (slicePort.name !== port.name || slicePort.protocol !== port.protocol) continue;
      for (const source of slice.endpoints) {
        const candidate = makeCandidate(source, slicePort.port, place);
        const rival = byKey.get(candidate.key);
        if (rival === undefined || preference(candidate) > preference(rival)) byKey.set(candidate.key, candidate);
      }
    }
  }
  return [...byKey.values()].sort((a, b) => compareText(a.key, b.key));
}

/**
 * Splits candidates into the two pools (kube-proxy: CategorizeEndpoints). Ready endpoints, narrowed by topology for the
 * cluster pool; where a pool has none, those that still serve while they terminate.
 */
export function selectPools(candidates: readonly Candidate[], place: NodePlace): SelectedPools {
  const ready = candidates.filter((candidate) => candidate.source.ready);
  const draining = candidates.filter(({ source }) => source.serving && source.terminating);
  const cluster = ready.length > 0 ? narrowByTopology(ready, place) : draining;
  const localReady = ready.filter(isLocal);
  const local = localReady.length > 0 ? localReady : draining.filter(isLocal);
  return {
    cluster: cluster.slice(0, maxPoolSize).map(plannedOf),
    local: local.slice(0, maxPoolSize).map(plannedOf),
    hasAny: cluster.length > 0,
    surplus: Math.max(0, cluster.length - maxPoolSize, local.length - maxPoolSize),
  };
}

/**
 * The addresses of ready local endpoints, as a health check of the Service counts them: on every port of its slices,
 * also one that no service port has (kube-proxy: LocalReadyEndpoints).
 */
export function countLocalEndpoints(
  slices: SlicesOfService,
  { family, place }: { readonly family: IpFamily; readonly place: NodePlace },
): number {
  const ports = new Map<string, SlicePort>();
  for (const slice of slices.values()) {
    if (slice.family !== family) continue;
    for (const port of slice.ports) ports.set(`${port.protocol} ${port.name}`, port);
  }
  const addresses = new Set<string>();
  for (const port of ports.values()) {
    for (const candidate of candidatesFor(slices, port, family, place)) {
      if (candidate.source.ready && isLocal(candidate)) addresses.add(candidate.planned.address);
    }
  }
  return addresses.size;
}

function makeCandidate(source: SliceEndpoint, port: number, place: NodePlace): Candidate {
  const planned = { address: source.address, port, locality: localityOf(source, place) };
  return { planned, key: formatHostPort(source.address, port), source };
}

function localityOf(source: SliceEndpoint, place: NodePlace): Locality {
  if (source.nodeName === undefined) return 'possible';
  return source.nodeName === place.name ? 'local' : 'remote';
}

/**
 * When copies of an endpoint differ, the ready one counts, then the one that is not terminating, then the one that
 * serves: an address may already belong to a new pod while the old one terminates (kube-proxy: addEndpoints). Last the
 * one that is local, so that the order of slices never matters.
 */
function preference(candidate: Candidate): string {
  const { ready, serving, terminating, nodeName = '', zoneHints, nodeHints } = candidate.source;
  const flags = [ready, !terminating, serving, candidate.planned.locality === 'local'].map(Number).join('');
  return [flags, nodeName, zoneHints.join(), nodeHints.join()].join(' ');
}

/**
 * Hints count only when every ready endpoint has them and one of them names our place; the node is asked before the
 * zone (kube-proxy: topologyModeFromHints).
 */
function narrowByTopology(ready: readonly Candidate[], place: NodePlace): readonly Candidate[] {
  return narrowByNode(ready, place) ?? narrowByZone(ready, place) ?? ready;
}

/** Which hints take effect among the ready endpoints of a service port, if any do. */
export function hintsInEffect(ready: readonly Candidate[], place: NodePlace): 'node' | 'zone' | undefined {
  if (narrowByNode(ready, place) !== undefined) return 'node';
  return narrowByZone(ready, place) === undefined ? undefined : 'zone';
}

function narrowByNode(ready: readonly Candidate[], place: NodePlace): readonly Candidate[] | undefined {
  return narrowByHints(ready, (candidate) => candidate.source.nodeHints, place.name);
}

function narrowByZone(ready: readonly Candidate[], place: NodePlace): readonly Candidate[] | undefined {
  return narrowByHints(ready, (candidate) => candidate.source.zoneHints, place.zone);
}

function narrowByHints(
  ready: readonly Candidate[],
  hintsOf: (candidate: Candidate) => readonly string[],
  here: string | undefined,
): readonly Candidate[] | undefined {
  if (here === undefined || ready.some((candidate) => hintsOf(candidate).length === 0)) return undefined;
  const nearby = ready.filter((candidate) => hintsOf(candidate).includes(here));
  return nearby.length > 0 ? nearby : undefined;
}

function isLocal(candidate: Candidate): boolean {
  return candidate.planned.locality === 'local';
}

function plannedOf(candidate: Candidate): PlannedEndpoint {
  return candidate.planned;
}
