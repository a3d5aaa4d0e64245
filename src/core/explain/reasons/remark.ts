/** Makes remarks from a code and pieces of text. */
import type { PacketRemark } from '../explanation.ts';

/** A remark whose text is the parts joined together. */
export function remark(code: string, ...parts: readonly string[]): PacketRemark {
  return { code, text: parts.join('') };
}
