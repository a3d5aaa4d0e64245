/**
 * What a change of the objects means for the people behind Services, before it is made. It is found by sending packets:
 * every kind of caller to every frontend, in the old plan and in the new one. A Service that is not mentioned treats
 * every packet as it did. Pure.
 */
import type { Diagnostic } from '../diagnostics.ts';
import { type IpFamily, ipFamilies } from '../model/address.ts';
import type { NodeConfig } from '../model/config.ts';
import { namespacedName } from '../model/objects.ts';
import type { Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { emptyPlanMemory, type PlanMemory, planFamily } from '../plan/plan.ts';
import { compareText } from '../structures/compare-text.ts';
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
  const changes = new Map<string, readonly Change[]>();
  for (const family of families) {
    const plans = { before: planOf(old, family), after: planOf(now, family) };
    const pair = { ...plans, nodeAddresses: nodeAddressesOf(old, now, family), classes: new Map() };
    const { services, touched } = candidatesOf(pair);
    for (const service of services) {
      const found = changesOf(service, touched, pair);
      if (found.length > 0) changes.set(service.key, [...(changes.get(service.key) ?? []), ...found]);
    }
  }
  const [keysBefore, keysAfter] = [serviceKeys(old), serviceKeys(now)];
  const services = [...changes]
    .map(([key, list]) => serviceForecast(key, list, { wasThere: keysBefore.has(key), isThere: keysAfter.has(key) }))
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
    risks: risksOf(services, node, diagnostics.appeared),
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

function serviceForecast(
  key: string,
  changes: readonly Change[],
  { wasThere, isThere }: { readonly wasThere: boolean; readonly isThere: boolean },
): ServiceForecast {
  const slash = key.indexOf('/');
  const change = !wasThere ? 'created' : isThere ? 'changed' : 'deleted';
  const connections = openConnections(changes);
  return {
    namespace: key.slice(0, slash),
    name: key.slice(slash + 1),
    change,
    changes,
    ...(connections === undefined ? {} : { openConnections: connections }),
  };
}

/** What is said now and was not said before. */
function newOnes(before: PlannedSide, after: PlannedSide): readonly Diagnostic[] {
  return [...after.diagnostics].filter(([text]) => !before.diagnostics.has(text)).map(([, diagnostic]) => diagnostic);
}
