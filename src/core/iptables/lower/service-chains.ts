/** The nat chains of one service port: who is masqueraded, who is let in, and which endpoint is picked. */
import { formatHostPort } from '../../model/address.ts';
import { hostCidr } from '../../model/cidr.ts';
import type { IptablesLayout } from '../../model/config.ts';
import type { Caller, LocalPodMatch, PlannedEndpoint, PoolName, ServicePortPlan } from '../../model/plan.ts';
import { poolsOf } from '../../model/route.ts';
import { endpointChain, chains as known, servicePortChains } from '../names.ts';
import type { IptablesChain, IptablesMatch, IptablesRule, IptablesTarget } from '../ruleset.ts';
import { callerMatch } from './callers.ts';

export interface ChainOptions {
  readonly layout: IptablesLayout;
  readonly localPods: LocalPodMatch;
}

/** xt_statistic draws 31 random bits: `(get_random_u32() & 0x7FFFFFFF) < nth` (net/netfilter/xt_statistic.c). */
const randomRange = 2 ** 31;

/** All nat chains of a service port; none when no traffic gets to an endpoint. */
export function serviceChains(plan: ServicePortPlan, options: ChainOptions): readonly IptablesChain[] {
  const names = servicePortChains(plan.id);
  const found: IptablesChain[] = [];
  if (usesExternalChain(plan)) found.push({ name: names.external, rules: externalRules(plan, options) });
  if (isGuarded(plan)) found.push({ name: names.firewall, rules: firewallRules(plan) });
  for (const pool of ['cluster', 'local'] as const) {
    if (plan.pools[pool].length === 0) continue;
    const rules = [...internalMasqueradeRules(plan, pool, options), ...pickRules(plan, pool, options)];
    found.push({ name: poolChain(plan, pool), rules });
  }
  return [...found, ...endpointChains(plan, options)];
}

/** The chain that balances over a pool. */
export function poolChain(plan: ServicePortPlan, pool: PoolName): string {
  const names = servicePortChains(plan.id);
  return pool === 'cluster' ? names.service : names.local;
}

/** Whether external traffic can reach an endpoint, so that a KUBE-EXT chain is needed. */
export function usesExternalChain({ frontends, external }: ServicePortPlan): boolean {
  return (frontends.external.length > 0 || frontends.nodePort !== undefined) && poolsOf(external).length > 0;
}

/** Whether an external address lets only some sources in, so that a KUBE-FW chain is needed. */
export function isGuarded({ frontends, external }: ServicePortPlan): boolean {
  return poolsOf(external).length > 0 && frontends.external.some(({ allowedSources }) => allowedSources !== undefined);
}

const callerNames: Readonly<Record<Caller, string>> = {
  anyone: '',
  localPod: 'pod ',
  notLocalPod: 'off-node ',
  thisNode: 'LOCAL ',
};

function externalRules(plan: ServicePortPlan, { localPods }: ChainOptions): readonly IptablesRule[] {
  return plan.external.flatMap(({ caller, action }): readonly IptablesRule[] => {
    if (action.kind !== 'balance') return [];
    const match = callerMatch(caller, localPods);
    const traffic = `${callerNames[caller]}traffic for ${plan.id.text} external destinations`;
    const mark = { match, target: jumpTo(known.markMasquerade), comment: `masquerade ${traffic}` };
    const jump = { match, target: jumpTo(poolChain(plan, action.pool)) };
    const route = caller === 'anyone' ? jump : { ...jump, comment: `route ${traffic}` };
    return action.masquerade ? [mark, route] : [route];
  });
}

/** Sources that no rule names fall through and are dropped by KUBE-PROXY-FIREWALL. */
function firewallRules(plan: ServicePortPlan): readonly IptablesRule[] {
  const guarded = plan.frontends.external.find(({ allowedSources }) => allowedSources !== undefined);
  const allowed = (guarded?.allowedSources ?? []).map((source) => ({
    match: { source: { value: source } },
    target: jumpTo(servicePortChains(plan.id).external),
    comment: `${plan.id.text} loadbalancer IP`,
  }));
  return [
    ...allowed,
    { match: {}, comment: `other traffic to ${plan.id.text} will be dropped by ${known.proxyFirewall}` },
  ];
}

/** Only packets to the cluster IP itself: external traffic that comes through this chain was settled before. */
function internalMasqueradeRules(
  plan: ServicePortPlan,
  pool: PoolName,
  { localPods }: ChainOptions,
): readonly IptablesRule[] {
  const { clusterIp } = plan.frontends;
  if (clusterIp === undefined) return [];
  const destination = {
    destination: { value: hostCidr(clusterIp) },
    protocol: plan.id.protocol,
    destinationPort: { from: plan.port, to: plan.port },
  };
  return plan.internal.flatMap(({ caller, action }) =>
    action.kind === 'balance' && action.pool === pool && action.masquerade
      ? [
          {
            match: { ...destination, ...callerMatch(caller, localPods) },
            target: jumpTo(known.markMasquerade),
            comment: `${plan.id.text} cluster IP`,
          },
        ]
      : [],
  );
}

/**
 * Each of n endpoints with probability 1/n: the first with 1/n, the next with 1/(n-1) of the rest, the last for sure.
 */
function pickRules(plan: ServicePortPlan, pool: PoolName, options: ChainOptions): readonly IptablesRule[] {
  const endpoints = plan.pools[pool];
  const draw = endpoints.map((endpoint, i): IptablesRule => {
    const left = endpoints.length - i;
    const match: IptablesMatch = left === 1 ? {} : { random: Math.round(randomRange / left) };
    if (!hasOwnChain(endpoint, plan, options)) {
      return { match: { ...match, protocol: plan.id.protocol }, target: dnatTo(endpoint) };
    }
    return { match, target: jumpTo(chainOf(endpoint, plan)), comment: pickComment(plan, endpoint) };
  });
  return [...rememberedRules(plan, endpoints), ...draw];
}

/** A client that affinity remembers goes where it went before. */
function rememberedRules(plan: ServicePortPlan, endpoints: readonly PlannedEndpoint[]): readonly IptablesRule[] {
  const seconds = plan.affinityTimeoutSeconds;
  if (seconds === undefined) return [];
  return endpoints.map((endpoint) => {
    const name = chainOf(endpoint, plan);
    const comment = pickComment(plan, endpoint);
    return { match: { recent: { operation: 'rcheck', name, seconds, reap: true } }, target: jumpTo(name), comment };
  });
}

function endpointChains(plan: ServicePortPlan, options: ChainOptions): readonly IptablesChain[] {
  const found = new Map<string, IptablesChain>();
  for (const endpoint of [...plan.pools.cluster, ...plan.pools.local]) {
    if (!hasOwnChain(endpoint, plan, options)) continue;
    const name = chainOf(endpoint, plan);
    if (!found.has(name)) found.set(name, { name, rules: endpointRules(plan, endpoint, name) });
  }
  return [...found.values()];
}

/** An endpoint that reaches itself must see another source, or it would answer itself: the hairpin is masqueraded. */
function endpointRules(plan: ServicePortPlan, endpoint: PlannedEndpoint, name: string): readonly IptablesRule[] {
  const comment = plan.id.text;
  const hairpin: IptablesRule = {
    match: { source: { value: hostCidr(endpoint.address) } },
    target: jumpTo(known.markMasquerade),
    comment,
  };
  const recent = plan.affinityTimeoutSeconds === undefined ? {} : { recent: { operation: 'set', name } as const };
  const send: IptablesRule = { match: { protocol: plan.id.protocol, ...recent }, target: dnatTo(endpoint), comment };
  return endpoint.locality === 'remote' ? [send] : [hairpin, send];
}

/**
 * An endpoint on another node cannot be the source of a connection that this node balances, so without affinity there
 * is nothing to say about it but its address.
 */
function hasOwnChain(endpoint: PlannedEndpoint, plan: ServicePortPlan, { layout }: ChainOptions): boolean {
  return layout === 'kube-proxy' || endpoint.locality !== 'remote' || plan.affinityTimeoutSeconds !== undefined;
}

function chainOf(endpoint: PlannedEndpoint, plan: ServicePortPlan): string {
  return endpointChain(plan.id, formatHostPort(endpoint.address, endpoint.port));
}

function pickComment(plan: ServicePortPlan, endpoint: PlannedEndpoint): string {
  return `${plan.id.text} -> ${formatHostPort(endpoint.address, endpoint.port)}`;
}

function jumpTo(chain: string): IptablesTarget {
  return { kind: 'jump', chain };
}

function dnatTo({ address, port }: PlannedEndpoint): IptablesTarget {
  return { kind: 'dnat', address, port };
}
