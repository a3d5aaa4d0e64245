/** Values within a rule, as iptables reads them. Each function returns undefined for what has no place in the model. */
import {
  addressBits,
  addressWidth,
  type Cidr,
  familyOf,
  type IpAddress,
  type IpFamily,
  parseIpAddress,
} from '../../model/address.ts';
import { cidrOf, hostCidr, parseCidr } from '../../model/cidr.ts';
import { type CtState, ctStates, type MaskedMark, type PortRange } from '../ruleset.ts';

/** `10.0.0.1`, `10.0.0.0/8` or `10.0.0.0/255.0.0.0`. */
export function parseBlock(family: IpFamily, text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(family, slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return hostCidr(address);
  const cidr = parseCidr(text);
  if (cidr !== undefined) return cidr;
  const length = maskLength(family, text.slice(slash + 1));
  return length === undefined ? undefined : cidrOf(address, length);
}

/** An address of the family. */
function parseAddress(family: IpFamily, text: string): IpAddress | undefined {
  const address = parseIpAddress(text);
  return address !== undefined && familyOf(address) === family ? address : undefined;
}

/** The prefix length of a netmask whose ones all come first. */
function maskLength(family: IpFamily, text: string): number | undefined {
  const mask = parseAddress(family, text);
  if (mask === undefined) return undefined;
  const width = addressWidth(family);
  const ones = addressBits(mask).toString(2).padStart(width, '0').replace(/0+$/, '');
  return ones.includes('0') ? undefined : ones.length;
}

/** `80`, `80:90`, `:90` or `80:`. */
export function parsePortRange(text: string): PortRange | undefined {
  const [first = '', last = first, ...rest] = text.split(':');
  const isRange = text.includes(':');
  const from = isRange && first === '' ? 0 : parsePort(first);
  const to = isRange && last === '' ? 0xffff : parsePort(last);
  if (from === undefined || to === undefined || rest.length > 0 || from > to) return undefined;
  return { from, to };
}

/** A port in decimal without leading zeros, which iptables refuses. */
function parsePort(text: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 0xffff ? Number(text) : undefined;
}

/** `value` or `value/mask`. */
export function parseMarkAndMask(text: string): { readonly mark: number; readonly mask?: number } | undefined {
  const slash = text.indexOf('/');
  const mark = parseUnsigned(slash < 0 ? text : text.slice(0, slash));
  if (mark === undefined) return undefined;
  if (slash < 0) return { mark };
  const mask = parseUnsigned(text.slice(slash + 1));
  return mask === undefined ? undefined : { mark, mask };
}

/** The same where a missing mask means all bits. */
export function parseMaskedMark(text: string): MaskedMark | undefined {
  const value = parseMarkAndMask(text);
  return value === undefined ? undefined : { mark: value.mark, mask: value.mask ?? 0xffffffff };
}

/** 32 bits in hexadecimal, octal or decimal, as C writes them (xtables_strtoui with base 0). */
export function parseUnsigned(text: string): number | undefined {
  const value = /^0[0-7]+$/.test(text)
    ? Number.parseInt(text, 8)
    : /^(?:0x[0-9a-f]+|0|[1-9][0-9]*)$/i.test(text)
      ? Number(text)
      : undefined;
  return value !== undefined && value <= 0xffffffff ? value : undefined;
}

/** The kernel's 31 random bits that a probability stands for (libxt_statistic.c: `lround(0x80000000 * p)`). */
export function parseProbability(text: string): number | undefined {
  if (!/^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/.test(text) || Number(text) > 1) return undefined;
  return Math.round(Number(text) * 2 ** 31);
}

/** States in the order in which they are printed. */
export function parseCtStates(text: string): readonly CtState[] | undefined {
  const words = text.split(',');
  const found = ctStates.filter((state) => words.includes(state));
  return words.every((word) => found.some((state) => state === word)) ? found : undefined;
}

/** `10.0.0.1`, `10.0.0.1:80`, `fd00::1`, `[fd00::1]` or `[fd00::1]:80`. */
export function parseDestination(
  family: IpFamily,
  text: string,
): { readonly address: IpAddress; readonly port?: number } | undefined {
  const parts = family === 'IPv4' ? /^([^:]*)(?::(.*))?$/.exec(text) : /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const address = parseAddress(family, parts?.[1] ?? text);
  if (address === undefined) return undefined;
  if (parts?.[2] === undefined) return { address };
  const port = parsePort(parts[2]);
  return port === undefined ? undefined : { address, port };
}
