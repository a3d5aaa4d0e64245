/** A transaction for `nft -f` as values, in nft's own verbs. Its text is made in diff/print.ts. */
import type { IpFamily } from '../../model/address.ts';
import { type ChangeCounts, type ChangeKind, countChanges } from '../../structures/named-difference.ts';
import type { Element, NamedSet, NftablesChain, NftablesRule } from '../ruleset.ts';

/** Applied as a whole or not at all: packets see the table before it or after it. */
export interface NftablesTransaction {
  readonly family: IpFamily;
  /** Each is valid after those before it. Empty if nothing changed. */
  readonly operations: readonly NftablesOperation[];
}

/** A set without its elements. */
export type SetDeclaration = Omit<NamedSet, 'groups'>;

/** A chain without its rules. */
export type ChainDeclaration = Omit<NftablesChain, 'rules'>;

export type NftablesOperation =
  /** No effect if it exists. */
  | { readonly kind: 'addTable' }
  /** With its contents. */
  | { readonly kind: 'deleteTable' }
  | { readonly kind: 'addSet'; readonly set: SetDeclaration }
  /** No rule refers to it. */
  | { readonly kind: 'flushSet' | 'deleteSet'; readonly set: SetDeclaration }
  | { readonly kind: 'addChain'; readonly chain: ChainDeclaration }
  /** A chain can be deleted only if it is empty and no rule or element refers to it. */
  | { readonly kind: 'flushChain' | 'deleteChain'; readonly chain: string }
  | { readonly kind: 'addRules'; readonly chain: string; readonly rules: readonly NftablesRule[] }
  /** An element is not changed in place: it is deleted and added again. */
  | {
      readonly kind: 'addElements' | 'deleteElements';
      readonly set: SetDeclaration;
      readonly elements: readonly Element[];
    };

export interface NftablesTransactionSummary {
  readonly sets: ChangeCounts;
  readonly chains: ChangeCounts;
  readonly elements: ChangeCounts;
}

/** Counts each object once. The contents of a deleted table or set are not counted. */
export function summarizeTransaction({ operations }: NftablesTransaction): NftablesTransactionSummary {
  const sets = new Map<string, ChangeKind>();
  const chains = new Map<string, ChangeKind>();
  const elements = new Map<string, ChangeKind>();
  for (const operation of operations) {
    if (operation.kind === 'addSet') note(sets, operation.set.name, 'added');
    if (operation.kind === 'deleteSet') note(sets, operation.set.name, 'removed');
    if (operation.kind === 'addChain') note(chains, operation.chain.name, 'added');
    if (operation.kind === 'flushChain') note(chains, operation.chain, 'changed');
    if (operation.kind === 'deleteChain') chains.set(operation.chain, 'removed');
    if (operation.kind === 'addElements' || operation.kind === 'deleteElements') {
      const change = operation.kind === 'addElements' ? 'added' : 'removed';
      for (const element of operation.elements) note(elements, `${operation.set.name} ${keyText(element)}`, change);
    }
  }
  return {
    sets: countChanges(sets.values()),
    chains: countChanges(chains.values()),
    elements: countChanges(elements.values()),
  };
}

/** An object that is removed and added again counts as changed. */
function note(changes: Map<string, ChangeKind>, name: string, change: ChangeKind): void {
  changes.set(name, changes.has(name) ? 'changed' : change);
}

/** Identifies an element of a set. A block of one address is written as that address, as nft shows it. */
export function keyText({ key }: Element): string {
  const text = key.join(' ');
  if (!text.includes('/')) return text;
  return key.map((part) => String(part).replace(oneAddress, '')).join(' ');
}

const oneAddress = /(?<=\.[0-9]+)\/32$|\/128$/;
