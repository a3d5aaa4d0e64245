/** What a trace could not tell: the kernel would have refused such a ruleset, or there is no model for what it says. */

/**
 * - `missing`: no chain, set or map of this name, or a map of the other kind.
 * - `loop`: a chain that leads back into itself.
 * - `misplaced`: destinations are rewritten in nat chains at prerouting and output, sources at postrouting.
 * - `opaque`: words without a model, in a rule whose other matches hold.
 * - `partial`: a set that does not have the packet among those of its elements that were understood.
 */
export type NftablesProblemKind = 'missing' | 'loop' | 'misplaced' | 'opaque' | 'partial';

/** The trace went on with the next rule. */
export interface NftablesProblem {
  readonly kind: NftablesProblemKind;
  readonly chain: string;
  /** Index of the rule in its chain, from 0. */
  readonly rule: number;
  /** The chain, set, map, statement or words in question. */
  readonly detail: string;
}

/** Collects problems, each once however many ways lead to it. */
export interface NftablesProblemLog {
  readonly report: (problem: NftablesProblem) => void;
  readonly problems: () => readonly NftablesProblem[];
}

export function nftablesProblemLog(): NftablesProblemLog {
  const found = new Map<string, NftablesProblem>();
  return {
    report: (problem) => found.set(Object.values(problem).join(' '), problem),
    problems: () => [...found.values()],
  };
}
