import type { Remark } from '../explanation.ts';

/** A remark whose text is these parts one after the other. */
export function remark(code: string, ...parts: readonly string[]): Remark {
  return { code, text: parts.join('') };
}
