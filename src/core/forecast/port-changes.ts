/** What changes for one port of a Service in one family. */
import { formatHostPort, type IpFamily } from '../model/address.ts';
import type { PlannedEndpoint, PoolName, Route, ServicePortPlan } from '../model/plan.ts';
import type { Change, RouteEnd } from './changes.ts';
import { type PortPair, portName } from './port-pairs.ts';

/** All of it; a port that comes or goes brings or takes its endpoints. */
export function portChanges({ before, after }: PortPair, family: IpFamily): readonly Change[] {
  if (before === undefined || after === undefined) {
    const only = before ?? after;
    if (only === undefined) return [];
    const change = before === undefined ? 'added' : 'removed';
    return [{ kind: 'port', change, family, port: portName(only) }, ...poolChanges(before, after, family)];
  }
  return [
    ...(before.id.protocol === after.id.protocol
      ? []
      : [{ kind: 'protocol', family, before: portName(before), after: portName(after) } as const]),
    ...routeChanges(before, after, family),
    ...poolChanges(before, after, family),
    ...affinityChanges(before, after, family),
  ];
}

function routeChanges(before: ServicePortPlan, after: ServicePortPlan, family: IpFamily): readonly Change[] {
  const port = portName(after);
  return (['internal', 'external'] as const).flatMap((traffic) => {
    if (traffic === 'external' && !hasExternal(before) && !hasExternal(after)) return [];
    const [old, now] = [routeEnd(before[traffic]), routeEnd(after[traffic])];
    // Effects say whether there is any endpoint.
    const isSame = old === now || old === 'reject' || now === 'reject';
    return isSame ? [] : [{ kind: 'policy', family, port, traffic, before: old, after: now } as const];
  });
}

function hasExternal({ frontends: { external, nodePort } }: ServicePortPlan): boolean {
  return external.length > 0 || nodePort !== undefined;
}

function routeEnd(route: Route): RouteEnd | 'reject' {
  const action = route.at(-1)?.action;
  if (action === undefined) throw new Error('a route without branches');
  return action.kind === 'balance' ? action.pool : action.kind;
}

const poolNames: readonly PoolName[] = ['cluster', 'local'];

function poolChanges(
  before: ServicePortPlan | undefined,
  after: ServicePortPlan | undefined,
  family: IpFamily,
): readonly Change[] {
  const named = after ?? before;
  if (named === undefined) return [];
  const port = portName(named);
  const pools = comparablePools(before, after);
  const changes = pools.flatMap((pool): readonly Change[] => {
    const [old, now] = [byText(before?.pools[pool] ?? []), byText(after?.pools[pool] ?? [])];
    const gained = [...now.keys()].filter((text) => !old.has(text));
    const lost = [...old.keys()].filter((text) => !now.has(text));
    if (gained.length + lost.length === 0) return [];
    return [{ kind: 'endpoints', family, port, pool, before: old.size, after: now.size, gained, lost }];
  });
  const moved = movedEndpoints(before, after);
  return moved.length === 0 ? changes : [...changes, { kind: 'moved', family, port, endpoints: moved }];
}

/**
 * The pools that traffic is meant for on both sides. Where a policy chooses another pool, that is a change of its own,
 * but no endpoint came or went.
 */
function comparablePools(before: ServicePortPlan | undefined, after: ServicePortPlan | undefined): readonly PoolName[] {
  const [old, now] = [meantPools(before), meantPools(after)];
  return poolNames.filter((pool) => (old?.has(pool) ?? true) && (now?.has(pool) ?? true));
}

/** Undefined where there are no endpoints, so that the policy cannot be seen. */
function meantPools(servicePort: ServicePortPlan | undefined): ReadonlySet<PoolName> | undefined {
  if (servicePort === undefined) return undefined;
  const [internal, external] = [routeEnd(servicePort.internal), routeEnd(servicePort.external)];
  if (internal === 'reject' || external === 'reject') return undefined;
  const pools = new Set<PoolName>([internal === 'drop' ? 'local' : internal]);
  if (hasExternal(servicePort)) pools.add('cluster').add(external === 'drop' ? 'local' : external);
  return pools;
}

function byText(pool: readonly PlannedEndpoint[]): ReadonlyMap<string, PlannedEndpoint> {
  return new Map(pool.map((endpoint) => [formatHostPort(endpoint.address, endpoint.port), endpoint]));
}

/** Whether an endpoint may be on this node decides whether it sees itself as the client when it calls itself. */
function movedEndpoints(before: ServicePortPlan | undefined, after: ServicePortPlan | undefined): readonly string[] {
  const both = ({ pools }: ServicePortPlan) => byText([...pools.cluster, ...pools.local]);
  if (before === undefined || after === undefined) return [];
  const old = both(before);
  return [...both(after)]
    .filter(([text, { locality }]) => {
      const known = old.get(text);
      return known !== undefined && (known.locality === 'remote') !== (locality === 'remote');
    })
    .map(([text]) => text);
}

function affinityChanges(
  { affinityTimeoutSeconds: before }: ServicePortPlan,
  servicePort: ServicePortPlan,
  family: IpFamily,
): readonly Change[] {
  const after = servicePort.affinityTimeoutSeconds;
  if (before === after) return [];
  return [
    {
      kind: 'affinity',
      family,
      port: portName(servicePort),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}
