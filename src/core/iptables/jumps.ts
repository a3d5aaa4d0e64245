/**
 * The jumps from built-in chains to those of a service proxy, word for word as kube-proxy 1.36 makes them
 * (iptablesJumpChains in pkg/proxy/iptables/proxier.go): its clean-up deletes them by their words.
 */
import { chains as known } from './names.ts';
import type { IptablesRule, TableName } from './ruleset.ts';

const portals = jump(known.services, 'kubernetes service portals');
const newPortals = onlyNew(portals);
const firewall = onlyNew(jump(known.proxyFirewall, 'kubernetes load balancer firewall'));
const external = onlyNew(jump(known.externalServices, 'kubernetes externally-visible service portals'));
const loopback = jump(known.firewall);

/** By built-in chain, in the order of their rules. Those to KUBE-FIREWALL are only wanted where loopback is guarded. */
export const proxyJumps = {
  nat: {
    PREROUTING: [portals],
    OUTPUT: [portals],
    POSTROUTING: [jump(known.postrouting, 'kubernetes postrouting rules')],
  },
  filter: {
    INPUT: [loopback, firewall, jump(known.nodePorts, 'kubernetes health check service ports'), external],
    FORWARD: [firewall, jump(known.forward, 'kubernetes forwarding rules'), newPortals, external],
    OUTPUT: [loopback, firewall, newPortals],
  },
} as const satisfies Partial<Record<TableName, Readonly<Record<string, readonly IptablesRule[]>>>>;

/** What kube-proxy's ipvs mode makes besides (iptablesJumpChain in pkg/proxy/ipvs/proxier.go). */
const ipvsJumps: Readonly<Record<string, readonly IptablesRule[]>> = {
  'filter INPUT': [
    jump('KUBE-NODE-PORT', 'kubernetes health check rules'),
    jump(known.proxyFirewall, 'kube-proxy firewall rules'),
    jump('KUBE-IPVS-FILTER', 'kubernetes ipvs access filter'),
  ],
  'filter FORWARD': [jump(known.proxyFirewall, 'kube-proxy firewall rules')],
  'filter OUTPUT': [jump('KUBE-IPVS-OUT-FILTER', 'kubernetes ipvs access filter')],
};

/** All jumps that a service proxy of any kind may have in a built-in chain. */
export function possibleJumps(table: TableName, chain: string): readonly IptablesRule[] {
  const ofTable: Readonly<Record<string, readonly IptablesRule[]>> =
    table === 'nat' || table === 'filter' ? proxyJumps[table] : {};
  return [...(ofTable[chain] ?? []), ...(ipvsJumps[`${table} ${chain}`] ?? [])];
}

function jump(chain: string, comment?: string): IptablesRule {
  const target = { kind: 'jump', chain } as const;
  return comment === undefined ? { match: {}, target } : { match: {}, target, comment };
}

function onlyNew(rule: IptablesRule): IptablesRule {
  return { ...rule, match: { ctStates: { value: ['NEW'] } } };
}
