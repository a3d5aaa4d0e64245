/** Rules of nftables that a trace could not follow. */
import type { RuleProblem } from '../netfilter/problem.ts';

/**
 * - `missing`: no chain, set or map of this name, or a map of the other kind.
 * - `loop`: a chain that leads back into itself.
 * - `misplaced`: destinations are rewritten in nat chains at prerouting and output, sources at postrouting.
 * - `opaque`: words without a model, in a rule whose other matches hold.
 * - `partial`: a set that does not have the packet among those of its elements that were understood.
 */
export type NftablesProblemKind = 'missing' | 'loop' | 'misplaced' | 'opaque' | 'partial';

export type NftablesProblem = RuleProblem<NftablesProblemKind>;
