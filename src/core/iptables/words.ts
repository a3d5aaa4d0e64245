/** What a word of a rule may look like. Nothing gets into a ruleset's text that is not checked or quoted here. */
import { asciiOnly } from '../structures/safe-text.ts';

/** No white space, quotes or backslashes, and nothing at the start that the tools take for something else. */
const chainPattern = /^[A-Za-z0-9_.][A-Za-z0-9_.:+@/=,~-]*$/;

/** IFNAMSIZ is 16 with the final NUL (include/uapi/linux/if.h); a final `+` stands for any rest and counts. */
const interfacePattern = /^(?=.{1,15}$)[A-Za-z0-9_.:@-]*\+?$/;

/** XT_RECENT_NAME_LEN is 200 with the final NUL (include/uapi/linux/netfilter/xt_recent.h). */
const recentPattern = /^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,198}$/;

/** NFACCT_NAME_MAX is 32 with the final NUL (include/uapi/linux/netfilter/nfnetlink_acct.h). */
const nfacctPattern = /^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,30}$/;

const rejectPattern = /^[a-z0-9][a-z0-9-]*$/;

const patterns = {
  chain: chainPattern,
  interface: interfacePattern,
  'recent list': recentPattern,
  'nfacct object': nfacctPattern,
  'reject type': rejectPattern,
} as const;

export type WordKind = keyof typeof patterns;

/** Whether the text can stand as this kind of name in a rule. check/check.ts checks the lengths of chain names. */
export function isWord(kind: WordKind, text: string): boolean {
  return patterns[kind].test(text);
}

/** The text, or an Error: a name that is not one must have been refused long before it gets into a rule. */
export function checkWord(kind: WordKind, text: string): string {
  if (!isWord(kind, text)) throw new Error(`not the name of a ${kind}: ${JSON.stringify(text)}`);
  return text;
}

/** The address or block, or an Error: the brands of address.ts promise it, and this is the last place to see to it. */
export function checkAddress(text: string): string {
  if (!/^[0-9a-f.:]+(?:\/[0-9]{1,3})?$/.test(text)) throw new Error(`not an address: ${JSON.stringify(text)}`);
  return text;
}

/** The port, or an Error. */
export function checkPort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) throw new Error(`not a port: ${port}`);
  return port;
}

/** The mark or mask, or an Error. */
export function checkMark(mark: number): number {
  if (!isMark(mark)) throw new Error(`not a mark of 32 bits: ${mark}`);
  return mark;
}

/** Whether a number fits the kernel's packet mark, an unsigned integer of 32 bits. */
export function isMark(mark: number): boolean {
  return Number.isInteger(mark) && mark >= 0 && mark <= 0xffffffff;
}

/** A mark as iptables-save prints it. */
export function hex(mark: number): string {
  return `0x${mark.toString(16)}`;
}

/**
 * A comment or log prefix as iptables-save prints it: in quotes unless it consists of letters, digits, `_` and `-`,
 * with a backslash before quotes of both kinds and backslashes (xtables_save_string in libxtables/xtables.c).
 */
export function quoteString(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  // Nearly all comments: nothing to replace.
  if (/^[\x20\x21\x23-\x26\x28-\x5b\x5d-\x7e]*$/.test(text)) return `"${text}"`;
  return `"${asciiOnly(text).replace(/["'\\]/g, '\\$&')}"`;
}

/** A word that is not understood: as it stands where that is read back as the same word. */
export function quoteWord(word: string): string {
  return /^[\x21\x23-\x26\x28-\x5b\x5d-\x7e]+$/.test(word) ? word : quoteString(word);
}
