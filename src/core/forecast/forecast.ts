/**
 * Forecasts what a change of the objects means for the users of Services, before it is made. It traces packets of every
 * caller class to every frontend, through the old plan and the new one. A Service that is not mentioned treats every
 * packet as before. Pure.
 */
import type { Diagnostic } from '../diagnostics.ts';
import { type IpFamily, ipFamilies } from '../model/address.ts';
import type { NodeConfig } from '../model/config.ts';
import { type NamespacedRef, namespacedName } from '../model/objects.ts';
import type { Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { emptyPlanMemory, type PlanMemory, planFamily } from '../plan/plan.ts';
import { compareText } from '../structures/compare-text.ts';
import { remember } from '../structures/remember.ts';
import { candidatesOf } from './candidates.ts';
import type { Change, Forecast, ServiceForecast } from './changes.ts';
import { openConnections } from './connections.ts';
import { nodeAddressesOf } from './node-addresses.ts';
import { type NodeSide, nodeChanges } from './node-changes.ts';
import { risksOf } from './risks.ts';
import { changesOf } from './service-changes.ts';

/** The cluster and the settings of the node, before or after. */
export interface Side {
  readonly snapshot: Snapshot;
  readonly config: NodeConfig;
}

/**
 * Compares two sides for one node. Snapshots that share objects (`nextSnapshot`) and one value of settings make it
 * cheap: what did not change is not planned again.
 */
export function forecast(before: Side, after: Side, families: readonly IpFamily[] = ipFamilies): Forecast {
  const memories = new Map(families.map((family) => [family, emptyPlanMemory()]));
  const [old, now] = [planSide(before, memories), planSide(after, memories)];
  const changed = new Map<string, ChangedService>();
  for (const family of families) {
    const plans = { before: planOf(old, family), after: planOf(now, family) };
    const pair = { ...plans, nodeAddresses: nodeAddressesOf(old, now, family), classes: new Map() };
    const { services, touched } = candidatesOf(pair);
    for (const service of services) {
      const found = changesOf(service, touched, pair);
      const key = namespacedName(service);
      if (found.length > 0) remember(changed, key, () => ({ service, changes: [] })).changes.push(...found);
    }
  }
  const [keysBefore, keysAfter] = [serviceKeys(old), serviceKeys(now)];
  const services = [...changed]
    .map(([key, each]) => serviceForecast(each, { wasThere: keysBefore.has(key), isThere: keysAfter.has(key) }))
    .toSorted((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
  const node = nodeChanges(old, now);
  const diagnostics = {
    appeared: newOnes(old, now),
    vanished: newOnes(now, old),
  };
  return {
    services,
    node,
    diagnostics,
    risks: risksOf(services, node, { appeared: diagnostics.appeared, after: after.snapshot }),
    totals: { before: keysBefore.size, after: keysAfter.size },
  };
}

interface PlannedSide extends NodeSide {
  readonly diagnostics: ReadonlyMap<string, Diagnostic>;
}

function planSide({ snapshot, config }: Side, memories: ReadonlyMap<IpFamily, PlanMemory>): PlannedSide {
  const plans: { [family in IpFamily]?: Plan } = {};
  const diagnostics = new Map<string, Diagnostic>();
  for (const [family, memory] of memories) {
    const planned = planFamily(snapshot, config, family, memory);
    plans[family] = planned.plan;
    // Both families may find the same.
    for (const diagnostic of planned.diagnostics) diagnostics.set(JSON.stringify(diagnostic), diagnostic);
  }
  return { plans, diagnostics, config, node: snapshot.nodes.get(config.nodeName) };
}

function planOf({ plans }: PlannedSide, family: IpFamily): Plan {
  const plan = plans[family];
  if (plan === undefined) throw new Error(`${family} was not planned`);
  return plan;
}

function serviceKeys({ plans }: PlannedSide): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const plan of Object.values(plans)) {
    for (const { id } of plan.servicePorts.flat()) keys.add(namespacedName(id));
  }
  return keys;
}

interface ChangedService {
  readonly service: NamespacedRef;
  /** Of all families. */
  readonly changes: Change[];
}

function serviceForecast(
  { service: { namespace, name }, changes }: ChangedService,
  { wasThere, isThere }: { readonly wasThere: boolean; readonly isThere: boolean },
): ServiceForecast {
  const change = !wasThere ? 'created' : isThere ? 'changed' : 'deleted';
  const connections = openConnections(changes);
  return {
    namespace,
    name,
    change,
    changes,
    ...(connections === undefined ? {} : { openConnections: connections }),
  };
}

/** The diagnostics of `after` that `before` does not have. */
function newOnes(before: PlannedSide, after: PlannedSide): readonly Diagnostic[] {
  return [...after.diagnostics].filter(([text]) => !before.diagnostics.has(text)).map(([, diagnostic]) => diagnostic);
}
