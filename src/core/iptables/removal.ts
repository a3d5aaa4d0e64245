/** Removes what a service proxy put into a node's iptables rules, without touching the rules of other programs. */
import type { ParsedRuleset } from '../model/parsed-ruleset.ts';
import { calledChain, isKubeletChain, isProxyChain, kubeletOnlyChains, sharedChains } from './chain-owners.ts';
import type { Commit, IptablesOperation, IptablesTransaction } from './diff/operations.ts';
import { builtInChains } from './options.ts';
import type { IptablesChain, IptablesRuleset, Table, TableName } from './ruleset.ts';

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

/**
 * Removes the chains of a service proxy that `isWanted` names, and all jumps to them. What other programs use stays:
 * KUBE-FIREWALL with its jumps where there is a kubelet, KUBE-MARK-MASQ while another program's chain jumps to it, and
 * any other chain that another program jumps to, but empty.
 */
export function removeProxyRules(
  { ruleset, problems }: ParsedRuleset<IptablesRuleset>,
  isWanted: (chain: string) => boolean = isProxyChain,
): Removal {
  const hasKubelet = ruleset.tables.some(({ chains }) => chains.some(({ name }) => kubeletOnlyChains.includes(name)));
  // A rule that cannot be read is another program's, and the chain it jumps to cannot be deleted.
  const unread = new Set(problems.flatMap(({ text }) => / -[jg] (\S+)/.exec(text)?.[1] ?? []));
  const parts = ruleset.tables.map((table) => removeFromTable(table, { hasKubelet, unread, isWanted }));
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

interface TableRemoval {
  readonly commit: Commit;
  readonly removed: RemovedFromTable;
  readonly left: readonly LeftChain[];
}

interface Limits {
  readonly hasKubelet: boolean;
  /** Chains that rules jump to which could not be read. */
  readonly unread: ReadonlySet<string>;
  readonly isWanted: (chain: string) => boolean;
}

function removeFromTable({ name: table, chains }: Table, { hasKubelet, unread, isWanted }: Limits): TableRemoval {
  const isBuiltIn = ({ name }: IptablesChain): boolean => builtInChains[table].includes(name);
  const users = usersOf(chains.filter((chain) => !isBuiltIn(chain) && !isWanted(chain.name)));
  const left: LeftChain[] = [];
  const emptied: string[] = [];
  const deleted: string[] = [];
  for (const { name } of chains.filter((chain) => isWanted(chain.name))) {
    const user = users.get(name) ?? (unread.has(name) ? 'a rule that rulewright cannot read' : undefined);
    const why = hasKubelet && isKubeletChain(name) ? "it is the kubelet's too" : user && `${user} jumps to it`;
    if (why !== undefined) left.push({ table, chain: name, why });
    if (why === undefined) deleted.push(name);
    if (why === undefined || !sharedChains.has(name)) emptied.push(name);
  }
  const gone = new Set(emptied);
  const jumps = chains
    .filter(isBuiltIn)
    .flatMap(({ name: chain, rules }) =>
      rules
        .filter((rule) => gone.has(calledChain(rule) ?? ''))
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
    chains.flatMap(({ name, rules }) => rules.map((rule) => [calledChain(rule) ?? '', `the chain ${name}`] as const)),
  );
}

function natFirst(a: Commit, b: Commit): number {
  return Number(b.table === 'nat') - Number(a.table === 'nat');
}
