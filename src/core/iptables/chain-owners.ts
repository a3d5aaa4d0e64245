/**
 * Which program makes which iptables chains on a node. rulewright uses kube-proxy's names, so a name alone does not say
 * whose rules a chain holds. Everything that asks whose a chain is asks this table: cleanup, drift, take-over, explain.
 */
import { chains } from './names.ts';
import { builtInChains } from './options.ts';
import type { IptablesRule, IptablesRuleset, TableName } from './ruleset.ts';

type ChainMaker =
  /** src/core/iptables/lower/. */
  | 'rulewright'
  /** Kubernetes, pkg/proxy/iptables/proxier.go. */
  | 'kubeProxy'
  /** The same file up to Kubernetes 1.23, and kube-proxy's ipvs mode (pkg/proxy/ipvs/proxier.go). */
  | 'otherKubeProxy'
  /** Kubernetes, pkg/kubelet/kubelet_network_linux.go. */
  | 'kubelet';

interface ChainFacts {
  /** The whole name, or the start of it where it ends with `-`. */
  readonly name: string;
  readonly makers: readonly ChainMaker[];
  /**
   * Another program jumps to it. To delete a chain in use fails and takes the whole commit with it, and to empty it
   * would break the other program, so the chain stays as it is when it is no longer wanted.
   */
  readonly sharedWith?: 'the kubelet' | 'the CNI plugin portmap';
  /** It exists although nothing may jump to it: a mark that nothing needs yet, a hint, or a sign of a flush. */
  readonly isUncalled?: true;
  /** All its rules belong to one Service. */
  readonly isOfOneService?: true;
}

const proxies: readonly ChainMaker[] = ['rulewright', 'kubeProxy'];

const facts: readonly ChainFacts[] = [
  { name: chains.services, makers: proxies },
  { name: chains.externalServices, makers: proxies },
  { name: chains.nodePorts, makers: proxies },
  { name: chains.postrouting, makers: proxies },
  { name: chains.forward, makers: proxies },
  { name: chains.proxyFirewall, makers: proxies },
  { name: chains.markMasquerade, makers: proxies, sharedWith: 'the CNI plugin portmap', isUncalled: true },
  { name: chains.firewall, makers: [...proxies, 'kubelet'], sharedWith: 'the kubelet' },
  { name: 'KUBE-PROXY-CANARY', makers: ['kubeProxy'], isUncalled: true },
  // KEP-3178: for tools that choose the variant of iptables. Goes before the canary there.
  { name: 'KUBE-IPTABLES-HINT', makers: ['kubelet'], isUncalled: true },
  { name: 'KUBE-KUBELET-CANARY', makers: ['kubelet'], isUncalled: true },
  { name: 'KUBE-SVC-', makers: proxies, isOfOneService: true },
  { name: 'KUBE-SVL-', makers: proxies, isOfOneService: true },
  { name: 'KUBE-EXT-', makers: proxies, isOfOneService: true },
  { name: 'KUBE-FW-', makers: proxies, isOfOneService: true },
  { name: 'KUBE-SEP-', makers: proxies, isOfOneService: true },
  { name: 'KUBE-XLB-', makers: ['otherKubeProxy'], isOfOneService: true },
  { name: 'KUBE-IPVS-FILTER', makers: ['otherKubeProxy'] },
  { name: 'KUBE-IPVS-OUT-FILTER', makers: ['otherKubeProxy'] },
  { name: 'KUBE-LOAD-BALANCER', makers: ['otherKubeProxy'] },
  { name: 'KUBE-NODE-PORT', makers: ['otherKubeProxy'] },
  { name: 'KUBE-SOURCE-RANGES-FIREWALL', makers: ['otherKubeProxy'] },
  // Of ipvs mode up to 1.27; the kubelet made it up to 1.26, and jumps to it from other chains.
  { name: 'KUBE-MARK-DROP', makers: ['kubelet', 'otherKubeProxy'], sharedWith: 'the kubelet', isUncalled: true },
  { name: chains.marker, makers: ['rulewright'], isUncalled: true },
  // Branches of the dispatch tree in filter (lower/lower.ts); those in nat are named like chains of Services.
  { name: 'KUBE-SVCS-', makers: ['rulewright'] },
  { name: 'KUBE-NPTS-', makers: ['rulewright'] },
  { name: 'KUBE-XSVC-', makers: ['rulewright'] },
  { name: 'KUBE-PFWL-', makers: ['rulewright'] },
];

const factsByName: ReadonlyMap<string, ChainFacts> = new Map(facts.map((each) => [each.name, each]));

function factsOf(name: string): ChainFacts | undefined {
  return factsByName.get(name) ?? factsByName.get(/^KUBE-[A-Z]+-/.exec(name)?.[0] ?? '');
}

function isMadeBy(name: string, ...makers: readonly ChainMaker[]): boolean {
  return factsOf(name)?.makers.some((maker) => makers.includes(maker)) ?? false;
}

/** The tables in which rulewright has rules. */
const ourTables: ReadonlySet<TableName> = new Set<TableName>(['nat', 'filter']);

export interface Ownership {
  /**
   * Whether KUBE-FIREWALL and the jumps to it are ours. The kubelet makes the same ones, so where rulewright wants no
   * such chain, one that exists must be the kubelet's.
   */
  readonly ownsFirewall: boolean;
}

/**
 * Whether rulewright owns a chain of the table that is not built in. kube-proxy's chains count: rulewright takes them
 * over. Those of other modes and releases count too, as their rules may call chains that rulewright deletes.
 */
export function isOurChain(table: TableName, name: string, { ownsFirewall }: Ownership): boolean {
  if (!ourTables.has(table)) return false;
  if (!isMadeBy(name, 'kubelet')) return isMadeBy(name, 'rulewright', 'otherKubeProxy');
  return ownsFirewall && isMadeBy(name, 'rulewright');
}

/** Whether a chain is built in and may have jumps of ours. */
export function mayJumpToOurs(table: TableName, name: string): boolean {
  return ourTables.has(table) && builtInChains[table].includes(name);
}

/** Whether a service proxy makes such a chain: rulewright, or kube-proxy of any release. */
export function isProxyChain(name: string): boolean {
  return isMadeBy(name, 'rulewright', 'kubeProxy', 'otherKubeProxy');
}

/** Whether the kubelet makes the chain, with others or alone. */
export function isKubeletChain(name: string): boolean {
  return isMadeBy(name, 'kubelet');
}

/** Chains that only the kubelet makes: signs of a kubelet, the surest first. */
export const kubeletOnlyChains: readonly string[] = facts
  .filter(({ makers }) => makers.every((maker) => maker === 'kubelet'))
  .map(({ name }) => name);

/** Chains that other programs jump to: left as they are when they are no longer wanted. */
export const sharedChains: ReadonlySet<string> = namesWhere(({ sharedWith }) => sharedWith !== undefined);

/** Chains that are there although nothing may jump to them. */
export const uncalledChains: ReadonlySet<string> = namesWhere(({ isUncalled }) => isUncalled === true);

function namesWhere(isWanted: (facts: ChainFacts) => boolean): ReadonlySet<string> {
  return new Set(facts.filter(isWanted).map(({ name }) => name));
}

/** Whether all rules of the chain belong to one Service. Branches in nat have an address or a protocol for a hash. */
export function isChainOfOneService(name: string): boolean {
  return factsOf(name)?.isOfOneService === true && !/^KUBE-[A-Z]+-(?:[0-9]+\.|v6-|tcp|udp|sctp)/.test(name);
}

/** Whether rulewright made the rules, and no kube-proxy has made its own of them since: the marker is there. */
export function isRulewrights({ tables }: IptablesRuleset): boolean {
  return tables.some((table) => table.name === 'nat' && table.chains.some(({ name }) => name === chains.marker));
}

/** Whether a kube-proxy of any release makes such a chain, and rulewright does not. */
export function isOnlyKubeProxys(name: string): boolean {
  return isProxyChain(name) && !isMadeBy(name, 'rulewright');
}

/** Whether rulewright makes such a chain, and no kube-proxy does. */
export function isOnlyRulewrights(name: string): boolean {
  return isProxyChain(name) && !isMadeBy(name, 'kubeProxy', 'otherKubeProxy');
}

/** The chain that a rule jumps or goes to. */
export function calledChain({ target }: IptablesRule): string | undefined {
  return target?.kind === 'jump' || target?.kind === 'goto' ? target.chain : undefined;
}
