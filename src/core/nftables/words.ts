/** Checks the words of a ruleset. Every word is checked or made printable here before it is printed. */
import type { IpFamily } from '../model/address.ts';
import type { Protocol } from '../model/objects.ts';
import { asciiOnly } from '../structures/safe-text.ts';

/** The name of our table, in the families `ip` and `ip6`. */
export const tableName = 'rulewright';

/**
 * NFT_NAME_MAXLEN is 256 with the final NUL (include/uapi/linux/netfilter/nf_tables.h). Our names are
 * short words and hashes; half of the limit leaves room for names derived from them.
 */
const maxNameLength = 128;

/** More than the one day that a Service can request; nft stores milliseconds and refuses 32 bits of seconds. */
export const maxTimeoutSeconds = 1_000_000;

/** nft accepts more, but reads a leading digit as a number and gives `/` and `*` a meaning. */
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

/** The name, or an Error: names are made in names.ts, so an invalid one is our bug. */
export function checkName(text: string): string {
  if (!isName(text)) throw new Error(`not a name: ${JSON.stringify(text)}`);
  return text;
}

/** The interface, or an Error. */
export function checkInterface(text: string): string {
  if (!isInterface(text)) throw new Error(`not an interface: ${JSON.stringify(text)}`);
  return text;
}

/** The address, or an Error: the last check of what the branded types of address.ts promise. */
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

/** A port or the number of a slot, which have the same range; or an Error. */
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
 * A comment as nft can hold it. It has no escape for quotes, 128 characters are its limit, and other characters might
 * break the line or the terminal of the reader.
 */
export function printableComment(text: string): string {
  if (/^[\x20\x21\x23-\x7e]{0,128}$/.test(text)) return text;
  return asciiOnly(text.replaceAll('"', "'")).slice(0, 128);
}

/** A comment in quotes. */
export function quoteComment(text: string): string {
  return `"${printableComment(text)}"`;
}
