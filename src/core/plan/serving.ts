/** Which endpoints may keep the flows that they have, as opposed to those that are given new ones. */
import type { IpFamily } from '../model/address.ts';
import { namespacedName } from '../model/objects.ts';
import type { PlannedEndpoint, ServicePortPlan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { remember } from '../structures/remember.ts';
import { findIn } from '../structures/shards.ts';
import { candidatesFor } from './endpoints.ts';

/** Locality does not matter here. */
const nowhere = { name: '', zone: undefined };

const memo = new WeakMap<ServicePortPlan, readonly PlannedEndpoint[]>();

/**
 * The endpoints of a service port that serve, wherever they are: policies, topology and a Pod's termination decide
 * about new flows only, as they do for TCP, whose connections nobody cuts (kube-proxy: CleanStaleEntries). Those that
 * are ready but do not serve are given new flows, so they keep them too. The plan must have been made of this snapshot.
 */
export function servingEndpoints(
  port: ServicePortPlan,
  family: IpFamily,
  snapshot: Snapshot,
): readonly PlannedEndpoint[] {
  return remember(memo, port, () => {
    const { portName, protocol } = port.id;
    const slices = findIn(snapshot.slices, namespacedName(port.id)) ?? new Map();
    return candidatesFor(slices, { name: portName, protocol }, family, nowhere)
      .filter(({ source }) => source.serving || source.ready)
      .map(({ planned }) => planned);
  });
}
