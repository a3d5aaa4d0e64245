/** Which chains and rules of a node are ours to change, among those of the kubelet, of plugins and of people. */
import { chains as known } from './names.ts';
import { builtInChains } from './options.ts';
import type { Chain, Rule, Ruleset, TableName } from './ruleset.ts';

/** The tables in which anything is ours. */
const tables: ReadonlySet<TableName> = new Set<TableName>(['nat', 'filter']);

const fixedNames: ReadonlySet<string> = new Set(Object.values(known));

/**
 * Chains made for one Service port, endpoint or branch of the dispatch. kube-proxy's are among them, so that its rules
 * are taken over; its canary, the kubelet's chains and all others are not.
 */
const madeName = /^KUBE-(?:SVC|SVL|EXT|FW|SEP|SVCS|NPTS|XSVC|PFWL)-/;

export interface Ownership {
  /**
   * Whether KUBE-FIREWALL and the jumps to it are ours. The kubelet makes the very same, so where no such chain is
   * wanted what is there must be the kubelet's.
   */
  readonly ownsFirewall: boolean;
}

/** Whether a chain of the table, which is no built-in one, belongs to us. */
export function isOurChain(table: TableName, name: string, { ownsFirewall }: Ownership): boolean {
  if (!tables.has(table) || (name === known.firewall && !ownsFirewall)) return false;
  return fixedNames.has(name) || madeName.test(name);
}

/** Whether the chain is called by the kernel and may have jumps of ours. */
export function mayJumpToOurs(table: TableName, name: string): boolean {
  return tables.has(table) && builtInChains[table].includes(name);
}

/** What is ours of a ruleset: our chains, and the jumps to them from built-in chains. Undefined when nothing is. */
export function pickOurs({ family, tables: all }: Ruleset, ownership: Ownership): Ruleset | undefined {
  const picked = all.flatMap(({ name: table, chains }) => {
    const ours = chains.flatMap((chain): readonly Chain[] => {
      if (isOurChain(table, chain.name, ownership)) return [chain];
      if (!mayJumpToOurs(table, chain.name)) return [];
      const rules = chain.rules.filter((rule) => jumpsToOurs(table, rule, ownership));
      return rules.length === 0 ? [] : [{ name: chain.name, rules }];
    });
    return ours.length === 0 ? [] : [{ name: table, chains: ours }];
  });
  return picked.length === 0 ? undefined : { family, tables: picked };
}

function jumpsToOurs(table: TableName, { target }: Rule, ownership: Ownership): boolean {
  return (target?.kind === 'jump' || target?.kind === 'goto') && isOurChain(table, target.chain, ownership);
}
