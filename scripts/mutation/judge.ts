/** Judges a mutant: how it is caught, or why it is equivalent. */
import { createProver, finish } from '../../src/core/prove/prover.ts';
import type { Subject } from '../../src/core/prove/subject.ts';
import { checkRules, type Rules } from '../../src/core/rules.ts';
import { whyEquivalent } from './equivalence.ts';
import type { Mutant } from './mutant.ts';

export type Judgement =
  | { readonly kind: 'refused' | 'refuted' | 'not understood' }
  | { readonly kind: 'equivalent'; readonly reason: string }
  | { readonly kind: 'unexplained' };

/**
 * - `refused`: unsound, as `verifyRules` says of rules before they are printed.
 * - `refuted`: the prover has a counter-example.
 * - `not understood`: the prover met a construct that the kernel would refuse.
 */
export function judgeMutant(subject: Subject & { readonly rules: Rules }, mutant: Mutant): Judgement {
  const { outcome } = finish(createProver().prove({ ...subject, rules: mutant.rules }));
  if (outcome === 'different') return { kind: 'refuted' };
  if (outcome === 'unknown') return { kind: 'not understood' };
  if (checkRules(mutant.rules).length > 0) return { kind: 'refused' };
  const reason = whyEquivalent(subject, mutant);
  return reason === undefined ? { kind: 'unexplained' } : { kind: 'equivalent', reason };
}
