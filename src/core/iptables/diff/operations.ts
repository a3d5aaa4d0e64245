/** A transaction for `iptables-restore --noflush` as values. Its text is made in diff/print.ts. */
import type { IpFamily } from '../../model/address.ts';
import { type ChangeCounts, type ChangeKind, countChanges } from '../../structures/named-difference.ts';
import type { IptablesRule, TableName } from '../ruleset.ts';

/** Parts that are carried out one after the other; each takes effect as a whole, and packets are met in between. */
export interface IptablesTransaction {
  readonly family: IpFamily;
  /** In the order of their commits. A table may come twice. Empty when there is nothing to do. */
  readonly commits: readonly Commit[];
}

export interface Commit {
  readonly table: TableName;
  /** Never empty. */
  readonly operations: readonly IptablesOperation[];
}

export type IptablesOperation =
  /** Makes a chain, or empties it: in text they are the same, so that a chain that is there already does no harm. */
  | { readonly kind: 'addChain' | 'flushChain'; readonly chain: string }
  | { readonly kind: 'appendRules'; readonly chain: string; readonly rules: readonly IptablesRule[] }
  /** Before all other rules of the chain. */
  | { readonly kind: 'insertRule'; readonly chain: string; readonly rule: IptablesRule }
  /** The first rule of the chain that says the same. */
  | { readonly kind: 'deleteRule'; readonly chain: string; readonly rule: IptablesRule }
  /** The chain is empty, and no rule jumps to it. */
  | { readonly kind: 'deleteChain'; readonly chain: string };

/** What a transaction does to chains of ours, and to our rules in chains of the kernel. */
export interface IptablesTransactionSummary {
  readonly chains: ChangeCounts;
  readonly jumps: ChangeCounts;
}

/** A chain or jump that two commits concern counts once. */
export function summarizeTransaction({ commits }: IptablesTransaction): IptablesTransactionSummary {
  const chains = new Map<string, ChangeKind>();
  const jumps: ChangeKind[] = [];
  for (const { table, operations } of commits) {
    for (const operation of operations) {
      const chain = `${table} ${operation.chain}`;
      if (operation.kind === 'addChain') chains.set(chain, 'added');
      if (operation.kind === 'flushChain' && !chains.has(chain)) chains.set(chain, 'changed');
      if (operation.kind === 'deleteChain') chains.set(chain, 'removed');
      if (operation.kind === 'insertRule') jumps.push('added');
      if (operation.kind === 'deleteRule') jumps.push('removed');
    }
  }
  return { chains: countChanges(chains.values()), jumps: countChanges(jumps) };
}
