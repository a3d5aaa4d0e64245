/** What a word of a ruleset may look like. Nothing gets into the text that is not checked or made printable here. */
import type { IpFamily } from '../model/address.ts';
import type { Protocol } from '../model/objects.ts';
import { asciiOnly } from '../structures/safe-text.ts';

/** The name of our table, in the families `ip` and `ip6`. */
export const tableName = 'rulewright';

/**
 * NFT_NAME_MAXLEN is 256 with the final NUL (include/uapi/linux/netfilter/nf_tables.h). Ours are made of few words and
 * hashes; half of that leaves room for whoever copies a name into another.
 */
const maxNameLength = 128;

/** Above what a Service can ask for, a day; nft keeps a timeout in milliseconds and refuses 32 bits of seconds. */
export const maxTimeoutSeconds = 1_000_000;

/** nft takes more than this, but also takes a digit at the start for a number and reads `/` and `*` in its own way. */
const namePattern = /^[a-z][a-z0-9-]*$/;

/** IFNAMSIZ is 16 with the final NUL (include/uapi/linux/if.h), and nft counts a final `*`; it refuses `*` alone. */
const interfacePattern = /^(?=.{1,15}$)[A-Za-z0-9_.:@+-]+\*?$/;

const addressPattern = /^[0-9a-f.:]+$/;
const blockPattern = /^[0-9a-f.:]+\/(?:0|[1-9][0-9]{0,2})$/;

export const addressWords: Readonly<Record<IpFamily, 'ip' | 'ip6'>> = { IPv4: 'ip', IPv6: 'ip6' };

export const protocolWords: Readonly<Record<Protocol, string>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

/** Whether the text can be the name of a set or chain. */
export function isName(text: string): boolean {
  return namePattern.test(text) && text.length <= maxNameLength;
}

/** Whether the text can be the name of an interface, or the start of one and `*`. */
export function isInterface(text: string): boolean {
  return interfacePattern.test(text);
}

/** The name, or an Error: names are made in names.ts, so another one is a bug of ours. */
export function checkName(text: string): string {
  if (!isName(text)) throw new Error(`not a name: ${JSON.stringify(text)}`);
  return text;
}

/** The interface, or an Error. */
export function checkInterface(text: string): string {
  if (!isInterface(text)) throw new Error(`not an interface: ${JSON.stringify(text)}`);
  return text;
}

/** The address, or an Error: the brands of address.ts promise it, and this is the last place to see to it. */
export function checkAddress(text: string): string {
  if (!addressPattern.test(text)) throw new Error(`not an address: ${JSON.stringify(text)}`);
  return text;
}

/** The block as nft lists it, where a block of one address is that address, or an Error. */
export function checkBlock(text: string): string {
  if (!blockPattern.test(text)) throw new Error(`not a block: ${JSON.stringify(text)}`);
  if (text.endsWith('/128')) return text.slice(0, -4);
  return text.endsWith('/32') && !text.includes(':') ? text.slice(0, -3) : text;
}

/** Whether a number is an integer from `from` to `to`. */
export function isInteger(number: number, from: number, to: number): boolean {
  return Number.isInteger(number) && number >= from && number <= to;
}

/** A port, or the number of a slot, which ends where ports do; or an Error. */
export function checkUint16(number: number): number {
  if (!isInteger(number, 0, 0xffff)) throw new Error(`not a port or slot: ${number}`);
  return number;
}

/** The number of a bit of the mark, or an Error. */
export function checkBit(bit: number): number {
  if (!isInteger(bit, 0, 31)) throw new Error(`not a bit of the mark: ${bit}`);
  return bit;
}

/** A mark as nft lists it. */
export function hexMark(mark: number): string {
  return `0x${(mark >>> 0).toString(16).padStart(8, '0')}`;
}

/**
 * A comment as nft can hold it. It has no escape for quotes, 128 characters are its limit, and others than these might
 * break the line or the terminal of whoever reads it.
 */
export function printableComment(text: string): string {
  if (/^[\x20\x21\x23-\x7e]{0,128}$/.test(text)) return text;
  return asciiOnly(text.replaceAll('"', "'")).slice(0, 128);
}

/** A comment in quotes. */
export function quoteComment(text: string): string {
  return `"${printableComment(text)}"`;
}
