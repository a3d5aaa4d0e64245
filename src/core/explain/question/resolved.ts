/** The result of resolving the words of a question: a value, or why the words are unclear. */
import type { Unclear } from '../explanation.ts';

export type Resolved<T> =
  | { readonly kind: 'resolved'; readonly value: T }
  | { readonly kind: 'unclear'; readonly unclear: Unclear };

export function resolved<T>(value: T): Resolved<T> {
  return { kind: 'resolved', value };
}

export function unclear(what: Unclear): Resolved<never> {
  return { kind: 'unclear', unclear: what };
}
