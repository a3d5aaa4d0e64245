/**
 * Session affinity: each endpoint has a set of its clients, which is deleted with the endpoint. So no client is sent to
 * an endpoint that is gone, and other clients stay known. All frontends of the service port share the sets.
 */
import { formatHostPort } from '../../model/address.ts';
import type { PlannedEndpoint, PoolName, Route, ServicePortPlan } from '../../model/plan.ts';
import { poolsOf } from '../../model/route.ts';
import { affinityPickChain, affinityRouteChain, endpointNames } from '../names.ts';
import type { NamedSet, NftablesChain, NftablesRule } from '../ruleset.ts';
import { poolSizes, routeRules, type Senders, unconditionalPool } from './routes.ts';

/** What a service port with affinity has for itself. */
export interface AffinityObjects {
  readonly chains: readonly NftablesChain[];
  readonly sets: readonly NamedSet[];
}

/** The chain that a frontend goes to. */
export function affinityEntry(plan: ServicePortPlan, route: Route): string {
  const direct = unconditionalPool(route);
  return direct === undefined
    ? affinityRouteChain(plan.id, route, poolSizes(plan))
    : affinityPickChain(plan.id, direct);
}

/** The chains and sets of a service port, for these of its routes. */
export function affinityObjects(
  plan: ServicePortPlan,
  timeoutSeconds: number,
  routes: readonly Route[],
  senders: Senders,
): AffinityObjects {
  const chains = new Map<string, readonly NftablesRule[]>();
  for (const route of routes) {
    const pick = (pool: PoolName): string => affinityPickChain(plan.id, pool);
    if (unconditionalPool(route) === undefined)
      chains.set(affinityEntry(plan, route), routeRules(route, senders, pick));
    for (const pool of poolsOf(route)) chains.set(pick(pool), pickRules(plan, pool));
  }
  const endpoints = new Map(
    routes.flatMap(poolsOf).flatMap((pool) => plan.pools[pool].map((each) => [textOf(each), each] as const)),
  );
  const names = [...endpoints].map(([text, endpoint]) => ({ ...endpointNames(plan.id, text), endpoint }));
  return {
    chains: [
      ...[...chains].map(([name, rules]) => ({ name, rules })),
      ...names.map(({ chain, clients, endpoint }) => ({ name: chain, rules: endpointRules(plan, clients, endpoint) })),
    ],
    sets: names.map(({ clients }) => ({ name: clients, key: ['address'], timeoutSeconds, groups: [] })),
  };
}

/** Back to the endpoint that has the client, else to any, all equally likely. */
function pickRules(plan: ServicePortPlan, pool: PoolName): readonly NftablesRule[] {
  const names = plan.pools[pool].map((endpoint) => endpointNames(plan.id, textOf(endpoint)));
  return [
    ...names.map(({ chain, clients }): NftablesRule => {
      return { matches: [{ kind: 'in', key: ['saddr'], set: clients }], statements: [{ kind: 'goto', chain }] };
    }),
    { matches: [], statements: [{ kind: 'chooseChain', chains: names.map(({ chain }) => chain) }] },
  ];
}

/**
 * Two rules: when there is no room for one more client the first one ends, and the client must get there all the same.
 */
function endpointRules(
  { id }: ServicePortPlan,
  clients: string,
  { address, port }: PlannedEndpoint,
): readonly NftablesRule[] {
  return [
    { matches: [], statements: [{ kind: 'remember', set: clients }] },
    {
      matches: [{ kind: 'protocols', protocols: [id.protocol] }],
      statements: [{ kind: 'dnat', address, port }],
    },
  ];
}

function textOf({ address, port }: PlannedEndpoint): string {
  return formatHostPort(address, port);
}
