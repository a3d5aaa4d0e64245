/** Everything in the table that one service port brings about. */
import type { IpAddress } from '../../model/address.ts';
import type { ServicePortPlan } from '../../model/plan.ts';
import { poolsOf } from '../../model/route.ts';
import { remember } from '../../structures/remember.ts';
import type { ElementGroup, NamedSet, NftablesChain } from '../ruleset.ts';
import { affinityObjects } from './affinity.ts';
import { entryChain, poolSizes, type Senders, sharedChains } from './routes.ts';
import { frontendsOf, type KeyedFrontend, serviceElements } from './service-elements.ts';

export interface LoweredServicePort {
  /** Its elements, with the name of the set that they are in. */
  readonly groups: readonly (readonly [set: string, group: ElementGroup])[];
  readonly shared: readonly SharedChains[];
  /** Chains and sets of its own, which only affinity needs. */
  readonly chains: readonly NftablesChain[];
  readonly sets: readonly NamedSet[];
  readonly clusterIp: IpAddress | undefined;
}

/** The chains of one shape of a route: the same value for all service ports that have it. */
export type SharedChains = readonly NftablesChain[];

export function lowerServicePort(
  plan: ServicePortPlan,
  senders: Senders,
  shared: Map<string, SharedChains>,
): LoweredServicePort {
  const owner = `${plan.id.text} ${plan.id.protocol}`;
  const elements = [...serviceElements(plan)];
  const sending = frontendsOf(plan).filter(({ route }) => poolsOf(route).length > 0);
  return {
    groups: elements.map(([set, list]) => [set, { owner, elements: list }] as const),
    ...chainsOf(plan, sending, senders, shared),
    clusterIp: plan.frontends.clusterIp,
  };
}

function chainsOf(
  plan: ServicePortPlan,
  sending: readonly KeyedFrontend[],
  senders: Senders,
  shared: Map<string, SharedChains>,
): Pick<LoweredServicePort, 'shared' | 'chains' | 'sets'> {
  const { affinityTimeoutSeconds: timeoutSeconds } = plan;
  if (timeoutSeconds !== undefined) {
    const routes = sending.map(({ route }) => route);
    return { shared: [], ...affinityObjects(plan, timeoutSeconds, routes, senders) };
  }
  const sizes = poolSizes(plan);
  return {
    shared: sending.map(({ kind, route }) =>
      remember(shared, entryChain(kind, route, sizes), () => sharedChains(kind, route, sizes, senders)),
    ),
    chains: [],
    sets: [],
  };
}
