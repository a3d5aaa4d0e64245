/** Which chains of a node are ours to change, among those of the kubelet, of plugins and of people. */
import { chains as known } from './names.ts';
import { builtInChains } from './options.ts';
import type { TableName } from './ruleset.ts';

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
