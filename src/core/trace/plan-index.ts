/** Frontends by what a packet says: made once for a plan. */
import { formatHostPort, type IpAddress } from '../model/address.ts';
import type { Protocol } from '../model/objects.ts';
import type { ExternalAddress, Plan, Route, ServicePortPlan } from '../model/plan.ts';
import { remember } from '../model/remember.ts';

/** A frontend with an address of its own. */
export interface AddressFrontend {
  readonly servicePort: ServicePortPlan;
  readonly kind: 'clusterIP' | ExternalAddress['kind'];
  readonly route: Route;
  readonly allowedSources: ExternalAddress['allowedSources'];
}

export interface PlanIndex {
  /** By `addressKey`. */
  readonly addresses: ReadonlyMap<string, AddressFrontend>;
  /** By `nodePortKey`. */
  readonly nodePorts: ReadonlyMap<string, ServicePortPlan>;
  readonly healthCheckPorts: ReadonlySet<number>;
  readonly clusterIps: ReadonlySet<IpAddress>;
}

const indexes = new WeakMap<Plan, PlanIndex>();

/** The index of a plan; the same one each time. */
export function indexPlan(plan: Plan): PlanIndex {
  return remember(indexes, plan, () => makeIndex(plan));
}

export function addressKey(address: IpAddress, port: number, protocol: Protocol): string {
  return `${formatHostPort(address, port)} ${protocol}`;
}

export function nodePortKey(port: number, protocol: Protocol): string {
  return `${port} ${protocol}`;
}

function makeIndex(plan: Plan): PlanIndex {
  const addresses = new Map<string, AddressFrontend>();
  const nodePorts = new Map<string, ServicePortPlan>();
  const clusterIps = new Set<IpAddress>();
  for (const servicePort of plan.servicePorts) {
    const { id, port, frontends, internal, external } = servicePort;
    if (frontends.clusterIp !== undefined) {
      clusterIps.add(frontends.clusterIp);
      const frontend = { servicePort, kind: 'clusterIP', route: internal, allowedSources: undefined } as const;
      addresses.set(addressKey(frontends.clusterIp, port, id.protocol), frontend);
    }
    for (const { kind, address, allowedSources } of frontends.external) {
      addresses.set(addressKey(address, port, id.protocol), { servicePort, kind, route: external, allowedSources });
    }
    if (frontends.nodePort !== undefined) nodePorts.set(nodePortKey(frontends.nodePort, id.protocol), servicePort);
  }
  return { addresses, nodePorts, healthCheckPorts: new Set(plan.healthChecks.map(({ port }) => port)), clusterIps };
}
