/** Finds the Services that a change may affect by comparing plans, so that unchanged Services cost almost nothing. */
import type { IpAddress } from '../model/address.ts';
import { type NamespacedRef, namespacedName } from '../model/objects.ts';
import type { HealthCheck, Plan, ServicePortPlan } from '../model/plan.ts';
import { remember } from '../structures/remember.ts';
import { isLocalAddress } from '../trace/host.ts';
import type { PlanPair } from './effects.ts';

/** One Service in the plans of one family; empty lists where it is not there. */
export interface PlannedService extends NamespacedRef {
  readonly before: PlannedParts;
  readonly after: PlannedParts;
}

interface PlannedParts {
  readonly ports: readonly ServicePortPlan[];
  readonly healthCheck: HealthCheck | undefined;
}

export interface Candidates {
  readonly services: readonly PlannedService[];
  /** Addresses at which frontends changed: an endpoint there may be treated otherwise. */
  readonly touched: ReadonlySet<IpAddress>;
}

/** The parts of a plan beside the Services that decide on packets. */
const sharedParts = ['localPods', 'nodePorts', 'protectLoopback', 'unusedClusterIps'] as const;

/**
 * The Services whose packets may be treated differently: those whose plans differ, and those that share an address or a
 * port of this node with one of them; all of them where a setting of the node differs.
 */
export function candidatesOf(pair: PlanPair): Candidates {
  const services = servicesOf(pair.before, pair.after);
  const changed = services.filter(({ before, after }) => !isSame(before, after));
  const touched = touchedBy(changed, pair);
  const isNodeWide = sharedParts.some((part) => !isSameValue(pair.before[part], pair.after[part]));
  if (isNodeWide) return { services, touched: new Set([...touched.addresses, ...pair.nodeAddresses]) };
  if (changed.length === 0) return { services: [], touched: touched.addresses };
  const known = new Set(changed);
  return {
    services: services.filter((service) => known.has(service) || isTouched(service, touched, pair)),
    touched: touched.addresses,
  };
}

/** The Services of both plans by `namespace/name`; a plan's ports are sorted by it. */
function servicesOf(before: Plan, after: Plan): readonly PlannedService[] {
  const [old, wanted] = [partsByKey(before), partsByKey(after)];
  return [...new Map([...old, ...wanted])].map(([key, { namespace, name }]) => ({
    namespace,
    name,
    before: old.get(key) ?? nothing,
    after: wanted.get(key) ?? nothing,
  }));
}

const nothing: PlannedParts = { ports: [], healthCheck: undefined };

function partsByKey(plan: Plan): ReadonlyMap<string, PlannedParts & NamespacedRef> {
  const checks = new Map(plan.healthChecks.map((check) => [namespacedName(check), check]));
  const services = new Map<string, PlannedParts & NamespacedRef & { readonly ports: ServicePortPlan[] }>();
  for (const port of plan.servicePorts.flat()) {
    const { namespace, name } = port.id;
    const key = namespacedName(port.id);
    remember(services, key, () => ({ namespace, name, ports: [], healthCheck: checks.get(key) })).ports.push(port);
  }
  return services;
}

function isSame(before: PlannedParts, after: PlannedParts): boolean {
  const isSameSize = before.ports.length === after.ports.length;
  return (
    isSameSize &&
    isSameValue(before.healthCheck, after.healthCheck) &&
    before.ports.every((port, i) => isSameValue(port, after.ports[i]))
  );
}

/** Plans are plain values, made in one place: the same values give the same text. */
function isSameValue(before: unknown, after: unknown): boolean {
  return before === after || JSON.stringify(before) === JSON.stringify(after);
}

interface Touched {
  readonly addresses: ReadonlySet<IpAddress>;
  /** Ports of the node at which something else may answer now. */
  readonly ports: ReadonlySet<number>;
}

function touchedBy(changed: readonly PlannedService[], { nodeAddresses }: PlanPair): Touched {
  const addresses = new Set<IpAddress>();
  const ports = new Set<number>();
  for (const { ports: servicePorts, healthCheck } of changed.flatMap(({ before, after }) => [before, after])) {
    if (healthCheck !== undefined) ports.add(healthCheck.port);
    for (const { port, frontends } of servicePorts) {
      if (frontends.nodePort !== undefined) ports.add(frontends.nodePort);
      for (const address of addressesOf(frontends)) {
        addresses.add(address);
        if (isLocalAddress(address, { addresses: nodeAddresses })) ports.add(port);
      }
    }
  }
  // Endpoints on the host network have its addresses.
  if (ports.size > 0) for (const address of nodeAddresses) addresses.add(address);
  return { addresses, ports };
}

function addressesOf({ clusterIp, external }: ServicePortPlan['frontends']): readonly IpAddress[] {
  return [...(clusterIp === undefined ? [] : [clusterIp]), ...external.map(({ address }) => address)];
}

function isTouched({ before, after }: PlannedService, { addresses, ports }: Touched, pair: PlanPair): boolean {
  const host = { addresses: pair.nodeAddresses };
  return [...before.ports, ...after.ports].some(({ port, frontends, pools }) => {
    if (frontends.nodePort !== undefined && ports.has(frontends.nodePort)) return true;
    if (ports.has(port) && addressesOf(frontends).some((address) => isLocalAddress(address, host))) return true;
    return [...pools.cluster, ...pools.local].some(({ address }) => addresses.has(address));
  });
}
