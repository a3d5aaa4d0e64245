/**
 * What of a node's iptables rules a service proxy has made, and how to take it out again without touching what others
 * have. rulewright has kube-proxy's names, so that everybody knows them, and a name alone does not say whose rules it
 * holds.
 */
import type { ParsedRuleset } from '../model/parsed-ruleset.ts';
import type { Commit, IptablesOperation, IptablesTransaction } from './diff/operations.ts';
import { sharedChains } from './diff/table.ts';
import { chains as known } from './names.ts';
import { builtInChains } from './options.ts';
import type { IptablesChain, IptablesRule, IptablesRuleset, Table, TableName } from './ruleset.ts';

export interface Removal {
  /** Without commits where there is nothing to remove. */
  readonly transaction: IptablesTransaction;
  readonly removed: readonly RemovedFromTable[];
  readonly left: readonly LeftChain[];
}

export interface RemovedFromTable {
  readonly table: TableName;
  readonly chains: readonly string[];
  /** How many rules in chains of the kernel lead to those chains. */
  readonly jumps: number;
}

export interface LeftChain {
  readonly table: TableName;
  readonly chain: string;
  /** Why, as a clause. */
  readonly why: string;
}

/** Those of every proxy, those of its Services, and those of the trees of the fast layout. */
const proxyChains =
  /^KUBE-(?:SERVICES|EXTERNAL-SERVICES|NODEPORTS|POSTROUTING|FORWARD|PROXY-FIREWALL|PROXY-CANARY|MARK-MASQ|FIREWALL)$/;
const serviceChains = /^KUBE-(?:SVC|SVL|SEP|FW|EXT|XLB|SVCS|XSVC|NPTS|PFWL)-/;

/** What only a kubelet makes. */
const kubeletChains: ReadonlySet<string> = new Set(['KUBE-KUBELET-CANARY', 'KUBE-IPTABLES-HINT']);

/** Whether rules of any service proxy are there. */
export function hasProxyRules({ tables }: IptablesRuleset): boolean {
  return tables.some(({ chains }) => chains.some(({ name }) => isProxyChain(name) && !sharedChains.has(name)));
}

/**
 * Whether rulewright has put them in: it alone refuses the node's own packets to external addresses without endpoints
 * (see static-chains.ts). kube-proxy after rulewright leaves that jump where it is.
 */
export function isRulewrights({ tables }: IptablesRuleset): boolean {
  const output = tables.find(({ name }) => name === 'filter')?.chains.find(({ name }) => name === 'OUTPUT');
  return output?.rules.some((rule) => chainOf(rule) === known.externalServices) ?? false;
}

/**
 * Takes out all chains of a service proxy and all jumps to them. What others use stays: KUBE-FIREWALL with its jumps
 * where there is a kubelet, KUBE-MARK-MASQ while a chain of somebody else's jumps to it, and any other chain that
 * somebody else jumps to, but empty.
 */
export function removeProxyRules({ ruleset, problems }: ParsedRuleset<IptablesRuleset>): Removal {
  const hasKubelet = ruleset.tables.some(({ chains }) => chains.some(({ name }) => kubeletChains.has(name)));
  // What cannot be read is somebody else's, and whatever it jumps to cannot be deleted.
  const unread = new Set(problems.flatMap(({ text }) => / -[jg] (\S+)/.exec(text)?.[1] ?? []));
  const parts = ruleset.tables.map((table) => removeFromTable(table, hasKubelet, unread));
  return {
    transaction: {
      family: ruleset.family,
      // The nat table first: until it is empty the filter table refuses what nat does not rewrite.
      commits: parts.flatMap(({ commit }) => (commit.operations.length === 0 ? [] : [commit])).toSorted(natFirst),
    },
    removed: parts.flatMap(({ removed }) => (removed.chains.length + removed.jumps === 0 ? [] : [removed])),
    left: parts.flatMap(({ left }) => left),
  };
}

interface Part {
  readonly commit: Commit;
  readonly removed: RemovedFromTable;
  readonly left: readonly LeftChain[];
}

function removeFromTable({ name: table, chains }: Table, hasKubelet: boolean, unread: ReadonlySet<string>): Part {
  const isBuiltIn = ({ name }: IptablesChain): boolean => builtInChains[table].includes(name);
  const users = usersOf(chains.filter((chain) => !isBuiltIn(chain) && !isProxyChain(chain.name)));
  const left: LeftChain[] = [];
  const emptied: string[] = [];
  const deleted: string[] = [];
  for (const { name } of chains.filter((chain) => isProxyChain(chain.name))) {
    const user = users.get(name) ?? (unread.has(name) ? 'a rule that rulewright cannot read' : undefined);
    const why = name === known.firewall && hasKubelet ? "it is the kubelet's too" : user && `${user} jumps to it`;
    if (why !== undefined) left.push({ table, chain: name, why });
    if (why === undefined) deleted.push(name);
    if (why === undefined || !sharedChains.has(name)) emptied.push(name);
  }
  const gone = new Set(emptied);
  const jumps = chains
    .filter(isBuiltIn)
    .flatMap(({ name: chain, rules }) =>
      rules
        .filter((rule) => gone.has(chainOf(rule) ?? ''))
        .map((rule): IptablesOperation => ({ kind: 'deleteRule', chain, rule })),
    );
  const operations: readonly IptablesOperation[] = [
    ...emptied.map((chain): IptablesOperation => ({ kind: 'flushChain', chain })),
    ...jumps,
    ...deleted.map((chain): IptablesOperation => ({ kind: 'deleteChain', chain })),
  ];
  return { commit: { table, operations }, removed: { table, chains: deleted, jumps: jumps.length }, left };
}

/** For each chain that rules of these chains lead to: one of those chains. */
function usersOf(chains: readonly IptablesChain[]): ReadonlyMap<string, string> {
  return new Map(
    chains.flatMap(({ name, rules }) => rules.map((rule) => [chainOf(rule) ?? '', `the chain ${name}`] as const)),
  );
}

function isProxyChain(name: string): boolean {
  return proxyChains.test(name) || serviceChains.test(name);
}

function chainOf({ target }: IptablesRule): string | undefined {
  return target?.kind === 'jump' || target?.kind === 'goto' ? target.chain : undefined;
}

function natFirst(a: Commit, b: Commit): number {
  return Number(b.table === 'nat') - Number(a.table === 'nat');
}
