/** Looks up frontends by the fields of a packet; built once for a plan. */
import type { IpAddress } from '../../model/address.ts';
import type { Protocol } from '../../model/objects.ts';
import type { Packet } from '../../model/packet.ts';
import type { ExternalAddress, Plan, Route, ServicePortPlan } from '../../model/plan.ts';
import { memoize } from '../../structures/memoize.ts';
import { remember } from '../../structures/remember.ts';

/** A frontend at a cluster IP or external address, unlike NodePorts, which are at all addresses of the node. */
export interface AddressFrontend {
  readonly servicePort: ServicePortPlan;
  readonly kind: 'clusterIP' | ExternalAddress['kind'];
  readonly route: Route;
  readonly allowedSources: ExternalAddress['allowedSources'];
}

/** By protocol and port. */
export type PortTable<T> = ReadonlyMap<Protocol, ReadonlyMap<number, T>>;

export interface PlanIndex {
  readonly addresses: ReadonlyMap<IpAddress, PortTable<AddressFrontend>>;
  readonly nodePorts: PortTable<ServicePortPlan>;
  readonly healthCheckPorts: ReadonlySet<number>;
  readonly clusterIps: ReadonlySet<IpAddress>;
}

/** The index of a plan; the same value each time. */
export function indexPlan(plan: Plan): PlanIndex {
  return openIndexOf(plan);
}

/**
 * Hands over the index to a plan with the same frontends, in which these service ports changed. The old plan loses it;
 * a later use of the old plan builds it again.
 */
export function inheritIndexOfPlan(from: Plan, to: Plan, changed: readonly ServicePortPlan[]): void {
  openIndexOf.inherit(from, to, (index) => {
    for (const servicePort of changed) putServicePort(index, servicePort);
    return { ...index, healthCheckPorts: new Set(to.healthChecks.map(({ port }) => port)) };
  });
}

/** The frontend at the packet's destination address and port. */
export function findFrontend(
  { addresses }: PlanIndex,
  { destination, protocol, port }: Pick<Packet, 'destination' | 'protocol' | 'port'>,
): AddressFrontend | undefined {
  return addresses.get(destination)?.get(protocol)?.get(port);
}

/** The service port with this NodePort. */
export function findNodePort(
  { nodePorts }: PlanIndex,
  { protocol, port }: Pick<Packet, 'protocol' | 'port'>,
): ServicePortPlan | undefined {
  return nodePorts.get(protocol)?.get(port);
}

type OpenTable<T> = Map<Protocol, Map<number, T>>;

interface OpenIndex extends PlanIndex {
  readonly addresses: Map<IpAddress, OpenTable<AddressFrontend>>;
  readonly nodePorts: OpenTable<ServicePortPlan>;
  readonly clusterIps: Set<IpAddress>;
}

const openIndexOf = memoize(({ servicePorts, healthChecks }: Plan): OpenIndex => {
  const index = {
    addresses: new Map<IpAddress, OpenTable<AddressFrontend>>(),
    nodePorts: new Map() as OpenTable<ServicePortPlan>,
    healthCheckPorts: new Set(healthChecks.map(({ port }) => port)),
    clusterIps: new Set<IpAddress>(),
  };
  for (const servicePort of servicePorts.flat()) putServicePort(index, servicePort);
  return index;
});

function putServicePort({ addresses, nodePorts, clusterIps }: OpenIndex, servicePort: ServicePortPlan): void {
  const { id, port, frontends, internal, external } = servicePort;
  const put = (address: IpAddress, frontend: AddressFrontend): void => {
    const table = remember(addresses, address, () => new Map());
    remember(table, id.protocol, () => new Map()).set(port, frontend);
  };
  if (frontends.clusterIp !== undefined) {
    clusterIps.add(frontends.clusterIp);
    put(frontends.clusterIp, { servicePort, kind: 'clusterIP', route: internal, allowedSources: undefined });
  }
  for (const { kind, address, allowedSources } of frontends.external) {
    put(address, { servicePort, kind, route: external, allowedSources });
  }
  if (frontends.nodePort !== undefined) {
    remember(nodePorts, id.protocol, () => new Map()).set(frontends.nodePort, servicePort);
  }
}
