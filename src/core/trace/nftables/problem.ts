/** Rules of nftables that a trace could not follow. */
import type { RuleProblem } from '../netfilter/problem.ts';

/**
 * - `missing`: no chain, set or map of this name, or a map of the other kind.
 * - `loop`: a chain that jumps in a circle.
 * - `misplaced`: destinations are rewritten in nat chains at prerouting and output, sources at postrouting.
 * - `opaque`: an expression without a model, in a rule whose other matches hold.
 * - `partial`: the packet is not among the supported elements of a set that has unsupported ones.
 */
export type NftablesProblemKind = 'missing' | 'loop' | 'misplaced' | 'opaque' | 'partial';

export type NftablesProblem = RuleProblem<NftablesProblemKind>;
