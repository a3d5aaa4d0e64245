/** Routes as chains that many service ports share: one for each shape of a route and number of endpoints. */
import type { LocalPodMatch, PoolName, Route, ServicePortPlan } from '../../model/plan.ts';
import { poolsOf } from '../../model/route.ts';
import { endpointsMap, type FrontendKind, type PoolSizes, pickChain, routeChain } from '../names.ts';
import type { Key, NftablesChain, NftablesRule, Statement } from '../ruleset.ts';
import { callerMatches } from './callers.ts';

/** How senders are told apart, and which bit of the mark asks for masquerading. */
export interface Senders {
  readonly localPods: LocalPodMatch;
  readonly markBit: number;
}

/** The pool of a route that neither asks who sends nor masquerades; undefined for others. */
export function unconditionalPool(route: Route): PoolName | undefined {
  const [first] = route;
  if (route.length !== 1 || first?.action.kind !== 'balance' || first.action.masquerade) return undefined;
  return first.action.pool;
}

/** The first chain of a frontend's route: the pick itself, unless the sender must be asked first. */
export function entryChain(kind: FrontendKind, route: Route, sizes: PoolSizes): string {
  const direct = unconditionalPool(route);
  return direct === undefined ? routeChain(kind, route, sizes) : pickChain(kind, direct, sizes[direct]);
}

/** How many endpoints each pool of a service port has. */
export function poolSizes({ pools }: ServicePortPlan): PoolSizes {
  return { cluster: pools.cluster.length, local: pools.local.length };
}

/** All chains that a route needs, from its entry on. */
export function sharedChains(
  kind: FrontendKind,
  route: Route,
  sizes: PoolSizes,
  senders: Senders,
): readonly NftablesChain[] {
  const picks = poolsOf(route).map((pool) => ({
    name: pickChain(kind, pool, sizes[pool]),
    rules: pickRules(kind, pool, sizes[pool]),
  }));
  const entry = entryChain(kind, route, sizes);
  if (picks.some(({ name }) => name === entry)) return picks;
  const rules = routeRules(route, senders, (pool) => pickChain(kind, pool, sizes[pool]));
  return [{ name: entry, rules }, ...picks];
}

/** Asks who sends, in order; what no branch takes goes back, and the filter refuses or drops it. */
export function routeRules(
  route: Route,
  { localPods, markBit }: Senders,
  pick: (pool: PoolName) => string,
): readonly NftablesRule[] {
  return route.flatMap(({ caller, action }): readonly NftablesRule[] => {
    if (action.kind !== 'balance') return [];
    const mark: readonly Statement[] = action.masquerade ? [{ kind: 'setMarkBit', bit: markBit }] : [];
    const goTo: Statement = { kind: 'goto', chain: pick(action.pool) };
    return [{ matches: callerMatches(caller, localPods), statements: [...mark, goTo] }];
  });
}

/**
 * Any of the slots 0 … size - 1 of the frontend that the packet names. A look-up can miss while a commit runs on
 * kernels before 6.17: such a packet must not leave with the address of a Service, and its sender tries again.
 */
function pickRules(kind: FrontendKind, pool: PoolName, size: number): readonly NftablesRule[] {
  const key: Key = [...(kind === 'nodePort' ? [] : (['daddr'] as const)), 'dport', { random: size }];
  const picks = (['TCP', 'UDP', 'SCTP'] as const).map((protocol): NftablesRule => {
    const map = endpointsMap(kind, pool, protocol);
    return { matches: [{ kind: 'protocols', protocols: [protocol] }], statements: [{ kind: 'dnatMap', key, map }] };
  });
  return [...picks, { matches: [], statements: [{ kind: 'drop' }] }];
}

/** What a packet names a frontend by. */
export function frontendKey(kind: FrontendKind): Key {
  return kind === 'nodePort' ? ['l4proto', 'dport'] : ['daddr', 'l4proto', 'dport'];
}
