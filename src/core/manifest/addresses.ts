/** IP addresses and CIDR blocks in fields, refused where no packet could ever use them. */
import { type Cidr, type IpAddress, parseIpAddress, parseLegacyIpAddress } from '../model/address.ts';
import { parseCidr } from '../model/cidr.ts';
import { quote } from '../structures/safe-text.ts';
import { wrongType } from './fields.ts';
import { readLegacyCidr } from './legacy-cidr.ts';
import { complain, type Report } from './report.ts';
import { describeValue } from './value.ts';

type SpecialUse = 'unspecified' | 'loopback' | 'link-local' | 'multicast';

/**
 * The address that `value` at the current place says, unless the API would refuse it there (ValidateNonSpecialIP): an
 * external IP or an endpoint.
 */
export function readUnicast(report: Report, value: unknown): IpAddress | undefined {
  return readAddress(report, value, ['unspecified', 'multicast', 'loopback', 'link-local']);
}

/** A cluster IP or load-balancer IP. The API takes link-local ones, and there are clusters that live on them. */
export function readVirtualIp(report: Report, value: unknown): IpAddress | undefined {
  return readAddress(report, value, ['unspecified', 'multicast', 'loopback']);
}

/** An address of a node, which may be link-local or, alone on a laptop, loopback. */
export function readNodeAddress(report: Report, value: unknown): IpAddress | undefined {
  return readAddress(report, value, ['unspecified', 'multicast']);
}

function readAddress(report: Report, value: unknown, refused: readonly SpecialUse[]): IpAddress | undefined {
  const address = readAnyAddress(report, value);
  if (address === undefined) return undefined;
  const use = specialUse(address);
  return use === undefined || !refused.includes(use) ? address : refuseSpecial(report, address, use);
}

/** The CIDR block that `value` at the current place says. */
export function readCidr(report: Report, value: unknown): Cidr | undefined {
  if (typeof value !== 'string') return wrongType(report, { expected: 'a text with a CIDR block', value });
  const cidr = parseCidr(value);
  if (cidr !== undefined) return cidr;
  const legacy = readLegacyCidr(value);
  if (legacy !== undefined) return readAs(report, 'cidr-legacy', value, legacy);
  complain(report, {
    code: 'cidr-invalid',
    problem: `${quote(value)} is not a CIDR block in its standard form`,
    remedy: 'Write it like 10.0.0.0/8 or 2001:db8::/32, without leading zeros',
  });
  return undefined;
}

/** Takes an outdated form for what kube-proxy takes it for, with a warning. */
function readAs<T extends string>(report: Report, code: 'address-legacy' | 'cidr-legacy', text: string, meaning: T): T {
  complain(report, {
    code,
    severity: 'warning',
    problem: `${quote(text)} is in an outdated form, read as ${meaning} as kube-proxy reads it`,
    remedy: `Write ${meaning}`,
  });
  return meaning;
}

function readAnyAddress(report: Report, value: unknown): IpAddress | undefined {
  if (typeof value !== 'string') return wrongType(report, { expected: 'a text with an IP address', value });
  const address = parseIpAddress(value);
  if (address !== undefined) return address;
  const legacy = parseLegacyIpAddress(value);
  if (legacy !== undefined) return readAs(report, 'address-legacy', value, legacy);
  complain(report, {
    code: 'address-invalid',
    problem: `Expected an IP address in its standard form, found ${describeValue(value)}`,
    remedy: 'Write it like 10.0.0.1 or 2001:db8::1, without zone',
  });
  return undefined;
}

function refuseSpecial(report: Report, address: IpAddress, use: SpecialUse): undefined {
  const article = use === 'unspecified' ? 'an' : 'a';
  complain(report, {
    code: 'address-special',
    problem: `${address} is ${article} ${use} address, which cannot be used here`,
    remedy: 'Use the unicast address of one interface',
  });
  return undefined;
}

/** From canonical text, because parsing each endpoint's address to a number costs too much. RFC 6890, RFC 4291. */
function specialUse(address: IpAddress): SpecialUse | undefined {
  if (address.includes(':')) {
    if (address === '::') return 'unspecified';
    if (address === '::1') return 'loopback';
    if (/^fe[89ab][0-9a-f]:/.test(address)) return 'link-local';
    return /^ff[0-9a-f]{2}:/.test(address) ? 'multicast' : undefined;
  }
  const firstOctet = Number.parseInt(address, 10);
  if (firstOctet === 127) return 'loopback';
  if (firstOctet >= 224 && firstOctet <= 239) return 'multicast';
  if (firstOctet === 169 && address.startsWith('169.254.')) return 'link-local';
  return address === '0.0.0.0' ? 'unspecified' : undefined;
}
