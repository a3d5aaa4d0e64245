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
  /** The same file up to Kubernetes 1.23; later releases only delete these chains. */
  | 'oldKubeProxy'
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
  { name: 'KUBE-XLB-', makers: ['oldKubeProxy'], isOfOneService: true },
  // Branches of the dispatch tree (lower/key-spaces.ts).
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

/** Whether rulewright owns a chain of the table that is not built in. kube-proxy's chains count: it takes them over. */
export function isOurChain(table: TableName, name: string, { ownsFirewall }: Ownership): boolean {
  return ourTables.has(table) && isMadeBy(name, 'rulewright') && (ownsFirewall || !isMadeBy(name, 'kubelet'));
}

/** Whether a chain is built in and may have jumps of ours. */
export function mayJumpToOurs(table: TableName, name: string): boolean {
  return ourTables.has(table) && builtInChains[table].includes(name);
}

/** Whether a service proxy makes such a chain: rulewright, or kube-proxy of any release. */
export function isProxyChain(name: string): boolean {
  return isMadeBy(name, 'rulewright', 'kubeProxy', 'oldKubeProxy');
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

/** Whether all rules of the chain belong to one Service. */
export function isChainOfOneService(name: string): boolean {
  return factsOf(name)?.isOfOneService === true;
}

/** Whether a service proxy has rules here. */
export function hasProxyRules({ tables }: IptablesRuleset): boolean {
  return tables.some((table) => table.chains.some(({ name }) => isProxyChain(name) && !sharedChains.has(name)));
}

/**
 * Whether rulewright made the rules: only rulewright jumps from OUTPUT to KUBE-EXTERNAL-SERVICES, to refuse the node's
 * own packets to external addresses without endpoints (lower/static-chains.ts). A kube-proxy started after rulewright
 * leaves that jump in place.
 */
export function isRulewrights({ tables }: IptablesRuleset): boolean {
  const filter = tables.find(({ name }) => name === 'filter');
  const output = filter?.chains.find(({ name }) => name === 'OUTPUT');
  return output?.rules.some((rule) => calledChain(rule) === chains.externalServices) ?? false;
}

/** The chain that a rule jumps or goes to. */
export function calledChain({ target }: IptablesRule): string | undefined {
  return target?.kind === 'jump' || target?.kind === 'goto' ? target.chain : undefined;
}
