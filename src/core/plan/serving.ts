/** Which endpoints may keep the flows that they have, as opposed to those that are given new ones. */
import type { IpFamily } from '../model/address.ts';
import { namespacedName, type ServicePort } from '../model/objects.ts';
import type { PlannedEndpoint, ServicePortPlan } from '../model/plan.ts';
import type { SlicesOfService, Snapshot } from '../model/snapshot.ts';
import { memoize } from '../structures/memoize.ts';
import { findIn } from '../structures/shards.ts';
import { candidatesFor } from './endpoints.ts';

/** Locality does not matter here. */
const nowhere = { name: '', zone: undefined };

/**
 * The endpoints of a service port that serve, wherever they are: policies, topology and a Pod's termination decide
 * about new flows only, as for TCP, whose connections are never cut (kube-proxy: CleanStaleEntries). Those that
 * are ready but do not serve are given new flows, so they keep them too. The plan must have been made of this snapshot.
 */
export function servingEndpoints(
  { id }: ServicePortPlan,
  family: IpFamily,
  snapshot: Snapshot,
): readonly PlannedEndpoint[] {
  const slices = findIn(snapshot.slices, namespacedName(id));
  const port = { name: id.portName, protocol: id.protocol };
  return (slices && servingByPort(slices).get(portKey(family, port))) ?? [];
}

type SlicePort = Pick<ServicePort, 'name' | 'protocol'>;

/** For each family and port that the slices of a Service name. */
const servingByPort = memoize((slices: SlicesOfService): ReadonlyMap<string, readonly PlannedEndpoint[]> => {
  const found = new Map<string, readonly PlannedEndpoint[]>();
  for (const { family, ports } of slices.values()) {
    for (const port of ports) {
      const key = portKey(family, port);
      if (!found.has(key)) found.set(key, serving(slices, family, port));
    }
  }
  return found;
});

function portKey(family: IpFamily, { name, protocol }: SlicePort): string {
  return `${family} ${protocol} ${name}`;
}

function serving(slices: SlicesOfService, family: IpFamily, port: SlicePort): readonly PlannedEndpoint[] {
  return candidatesFor(slices, port, family, nowhere)
    .filter(({ source }) => source.serving || source.ready)
    .map(({ planned }) => planned);
}
