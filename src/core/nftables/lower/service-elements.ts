/**
 * What one service port puts into the table's sets and maps: the frontends it has, and the endpoints at their slots.
 */
import { formatHostPort, type IpAddress } from '../../model/address.ts';
import { widestBlocks } from '../../model/cidr.ts';
import type { PoolName, Route, ServicePortPlan } from '../../model/plan.ts';
import { lastRefusal, poolsOf } from '../../model/route.ts';
import { chains, endpointsMap, type FrontendKind, hairpinSet, sets } from '../names.ts';
import type { Element, ElementPart, ElementValue } from '../ruleset.ts';
import { affinityEntry } from './affinity.ts';
import { entryChain, poolSizes } from './routes.ts';

/** Elements by the name of their set. */
export type ElementsBySet = ReadonlyMap<string, readonly Element[]>;

/** A way to reach a service port, with the key that its packets have. */
export interface KeyedFrontend {
  readonly kind: FrontendKind;
  readonly key: readonly ElementPart[];
  readonly route: Route;
}

/** All frontends of a service port: cluster IP, external addresses, NodePort. */
export function frontendsOf({ id, port, frontends, internal, external }: ServicePortPlan): readonly KeyedFrontend[] {
  const { clusterIp, external: addresses, nodePort } = frontends;
  const atAddress = (address: IpAddress, route: Route): KeyedFrontend => ({
    kind: 'address',
    key: [address, id.protocol, port],
    route,
  });
  return [
    ...(clusterIp === undefined ? [] : [atAddress(clusterIp, internal)]),
    ...addresses.map(({ address }) => atAddress(address, external)),
    ...(nodePort === undefined
      ? []
      : [{ kind: 'nodePort', key: [id.protocol, nodePort], route: external } satisfies KeyedFrontend]),
  ];
}

/** Everything that a service port has in sets. */
export function serviceElements(plan: ServicePortPlan): ElementsBySet {
  const found = new Map<string, readonly Element[]>();
  const put = (set: string, elements: readonly Element[]): void => {
    if (elements.length > 0) found.set(set, found.get(set)?.concat(elements) ?? elements);
  };
  for (const frontend of frontendsOf(plan)) {
    const isAddress = frontend.kind === 'address';
    const value = routeValue(plan, frontend);
    if (value !== undefined) {
      put(isAddress ? sets.services : sets.nodePorts, [{ key: frontend.key, value }]);
      const known = frontendSet(plan, frontend);
      if (known !== undefined) put(known, [{ key: frontend.key }]);
    }
    const refusal = refusalValue(frontend.route);
    if (refusal !== undefined) {
      put(isAddress ? sets.refusals : sets.nodePortRefusals, [{ key: frontend.key, value: refusal }]);
    }
    for (const pool of slottedPools(plan, frontend.route)) {
      put(endpointsMap(frontend.kind, pool, plan.id.protocol), slotElements(plan, frontend, pool));
    }
    put(hairpinSet(frontend.kind, plan.id.protocol), hairpinElements(plan, frontend));
  }
  putGuards(plan, put);
  return found;
}

/** Where a frontend is known besides the map of its routes; see `sets`. */
function frontendSet(plan: ServicePortPlan, frontend: KeyedFrontend): string | undefined {
  const isUnchanged = maySendToItself(plan, frontend);
  if (frontend.kind === 'address') return isUnchanged ? sets.unchangedFrontends : sets.frontends;
  return isUnchanged ? undefined : sets.nodePortFrontends;
}

/**
 * Whether an endpoint is where the packet was going anyway, as one on the host network of a node whose address is an
 * external IP. Such a packet is sent on without being rewritten, and that must not be held against it.
 */
function maySendToItself(plan: ServicePortPlan, { kind, key, route }: KeyedFrontend): boolean {
  const target = key.at(-1);
  return poolsOf(route).some((pool) =>
    plan.pools[pool].some(
      ({ address, port, locality }) =>
        port === target && (kind === 'address' ? address === key[0] : locality !== 'remote'),
    ),
  );
}

function routeValue(plan: ServicePortPlan, { kind, route }: KeyedFrontend): ElementValue | undefined {
  if (poolsOf(route).length === 0) return undefined;
  const chain =
    plan.affinityTimeoutSeconds === undefined ? entryChain(kind, route, poolSizes(plan)) : affinityEntry(plan, route);
  // A jump comes back when no branch of the route takes the packet: then it may still be for a NodePort.
  return { kind: 'jump', chain };
}

function refusalValue(route: Route): ElementValue | undefined {
  const kind = lastRefusal(route);
  if (kind === 'drop') return { kind: 'drop' };
  return kind === 'reject' ? { kind: 'goto', chain: chains.refuse } : undefined;
}

/** With affinity the endpoints are in chains of their own. */
function slottedPools(plan: ServicePortPlan, route: Route): readonly PoolName[] {
  return plan.affinityTimeoutSeconds === undefined ? poolsOf(route) : [];
}

/** Each protocol has maps of its own, so it is not part of the key. */
function slotElements(plan: ServicePortPlan, frontend: KeyedFrontend, pool: PoolName): readonly Element[] {
  const key = frontend.key.filter((part) => part !== plan.id.protocol);
  return plan.pools[pool].map(({ address, port }, slot) => ({
    // There is one for each endpoint: an array that grows by spreading has room for 14 more.
    key: key.concat(slot),
    value: { kind: 'destination', address, port },
  }));
}

/** Endpoints that are, or may be, on this node, and that the frontend sends to: each once. */
function hairpinElements(plan: ServicePortPlan, { key, route }: KeyedFrontend): readonly Element[] {
  const frontend = key.filter((part) => part !== plan.id.protocol);
  const here = poolsOf(route).flatMap((pool) => plan.pools[pool].filter(({ locality }) => locality !== 'remote'));
  return [...new Map(here.map((endpoint) => [formatHostPort(endpoint.address, endpoint.port), endpoint])).values()].map(
    ({ address, port }) => ({ key: [address, address, port, ...frontend] }),
  );
}

function putGuards(plan: ServicePortPlan, put: (set: string, elements: readonly Element[]) => void): void {
  for (const { address, allowedSources } of plan.frontends.external) {
    if (allowedSources === undefined) continue;
    const key = [address, plan.id.protocol, plan.port];
    put(sets.guarded, [{ key }]);
    put(
      sets.allowedSources,
      widestBlocks(allowedSources).map((source) => ({ key: [...key, source] })),
    );
  }
}
