/** Reads the values of flags. Errors are values, and one run shows all of them. */

import type { ClaimFlagName } from '../../configuration/claim-flags.ts';
import { type Parsed, splitList, unfit } from '../../configuration/parsed.ts';
import type { FlagTexts } from '../../configuration/read-flags.ts';
import { parseChoice } from '../../configuration/values.ts';
import { type IpAddress, type IpFamily, ipFamilies, parseIpAddress } from '../../core/model/address.ts';
import { terminalQuote } from '../../core/structures/safe-text.ts';
import { flagTexts, type GivenFlags, type OwnFlagName } from './table.ts';

/** What a command's flags say, or lines for the user, each naming a flag, what was given and what is valid. */
export type FlagsRead<Settings> = { readonly settings: Settings } | { readonly errors: readonly string[] };

export interface FlagReader {
  /** In the order of reading. */
  readonly errors: string[];
  readonly texts: FlagTexts;
  /** The value of a flag; `absent` when it was not given, is empty or is not valid. Repeated texts join with commas. */
  readonly read: <T, A>(
    name: OwnFlagName | ClaimFlagName | 'layout',
    parse: (text: string) => Parsed<T>,
    absent: A,
  ) => T | A;
}

export function flagReader(given: GivenFlags): FlagReader {
  const errors: string[] = [];
  const texts = flagTexts(given);
  return {
    errors,
    texts,
    read: (name, parse, absent) => {
      const text = (texts.get(name) ?? []).join(',');
      // kube-proxy takes an empty text for a flag that was not given.
      if (text === '') return absent;
      const parsed = parse(text);
      if ('value' in parsed) return parsed.value;
      errors.push(refusal(`--${name}`, parsed.got, parsed.want));
      return absent;
    },
  };
}

/** `--layout: got 'slow', want fast or kube-proxy` */
export function refusal(flag: string, got: unknown, want: string): string {
  return `${flag}: got ${terminalQuote(String(got))}, want ${want}`;
}

export function oneOf<const T extends string>(...choices: readonly T[]): (text: string) => Parsed<T> {
  return (text) => parseChoice(text, choices);
}

/** `ipv4`, `ipv6` in any case. */
export function parseFamily(text: string, want = 'ipv4 or ipv6'): Parsed<IpFamily> {
  const family = ipFamilies.find((each) => each.toLowerCase() === text.toLowerCase());
  return family === undefined ? unfit(text, want) : { value: family };
}

export function parseFamilies(text: string): Parsed<readonly IpFamily[]> {
  if (text.toLowerCase() === 'both') return { value: ipFamilies };
  const parsed = parseFamily(text, 'ipv4, ipv6 or both');
  return 'value' in parsed ? { value: [parsed.value] } : parsed;
}

export function parseNodeIps(text: string): Parsed<readonly IpAddress[]> {
  const addresses: IpAddress[] = [];
  for (const item of splitList(text)) {
    const address = parseIpAddress(item);
    if (address === undefined || address === '0.0.0.0' || address === '::') {
      return unfit(item, 'an IP address of the node such as 192.168.0.2 or 2001:db8::1');
    }
    if (!addresses.includes(address)) addresses.push(address);
  }
  return { value: addresses };
}

export function parseZone(text: string): Parsed<string> {
  if (/^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(text)) return { value: text };
  return unfit(text, 'a zone as in the label topology.kubernetes.io/zone');
}
