import type { Unclear } from '../explanation.ts';

/** What words stand for, or what is unclear about them. */
export type Resolved<T> =
  | { readonly kind: 'resolved'; readonly value: T }
  | { readonly kind: 'unclear'; readonly unclear: Unclear };

export function resolved<T>(value: T): Resolved<T> {
  return { kind: 'resolved', value };
}

export function unclear(what: Unclear): Resolved<never> {
  return { kind: 'unclear', unclear: what };
}
