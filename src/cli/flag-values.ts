/** The values of single flags: text in, a value or what is wrong with it out. Nothing here throws. */
import { type Cidr, familyOf, type IpAddress, parseIpAddress } from '../core/model/address.ts';
import { parseCidr } from '../core/model/cidr.ts';
import type { NodePortAddresses } from '../core/model/config.ts';
import { type Reading, refuse } from './flag-reading.ts';

/** What kube-proxy's flag parser takes for a boolean; the bare flag means true. */
export function readBoolean(flag: string, given: string | true): Reading<boolean> {
  if (given === true || /^(?:1|t|T|true|TRUE|True)$/.test(given)) return { value: true };
  if (/^(?:0|f|F|false|FALSE|False)$/.test(given)) return { value: false };
  return refuse(flag, given, 'true or false');
}

export function readChoice<T extends string>(flag: string, given: string, choices: readonly T[]): Reading<T> {
  const choice = choices.find((candidate) => candidate === given);
  return choice === undefined ? refuse(flag, given, inWords(choices)) : { value: choice };
}

/** `a, b or c` */
function inWords(choices: readonly string[]): string {
  const last = choices.at(-1) ?? '';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}

/** The bit of the packet mark, 0–31 (kube-proxy: iptables.masqueradeBit). */
export function readMasqueradeBit(flag: string, given: string): Reading<number> {
  const bit = /^\d{1,2}$/.test(given) ? Number(given) : Number.NaN;
  return bit <= 31 ? { value: bit } : refuse(flag, given, 'the number of a bit, 0 to 31');
}

/** Repeated and comma-separated values as one list; empty ones do not count. */
function splitList(given: readonly string[]): readonly string[] {
  return given
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

/** At most one block of each family (kube-proxy: clusterCIDR). */
export function readClusterCidrs(flag: string, given: string): Reading<readonly Cidr[]> {
  const cidrs: Cidr[] = [];
  for (const text of splitList([given])) {
    const cidr = parseCidr(text);
    if (cidr === undefined) return refuse(flag, text, 'a CIDR block such as 10.244.0.0/16 or fd00:10:244::/56');
    if (cidrs.some((other) => familyOf(other) === familyOf(cidr))) {
      return refuse(flag, given, 'at most one IPv4 and one IPv6 block');
    }
    cidrs.push(cidr);
  }
  return { value: cidrs };
}

/** `primary` alone, or blocks; no value at all means every local address. */
export function readNodePortAddresses(flag: string, given: readonly string[]): Reading<NodePortAddresses> {
  const texts = splitList(given);
  if (texts.includes('primary')) {
    return texts.length === 1
      ? { value: { kind: 'primary' } }
      : refuse(flag, texts.join(','), "either the word 'primary' alone or CIDR blocks");
  }
  const cidrs: Cidr[] = [];
  for (const text of texts) {
    const cidr = parseCidr(text);
    if (cidr === undefined) return refuse(flag, text, "the word 'primary' or CIDR blocks such as 192.168.0.0/16");
    cidrs.push(cidr);
  }
  return { value: { kind: 'cidrs', cidrs } };
}

export function readNodeIps(flag: string, given: readonly string[]): Reading<readonly IpAddress[]> {
  const addresses: IpAddress[] = [];
  for (const text of splitList(given)) {
    const address = parseIpAddress(text);
    if (address === undefined || address === '0.0.0.0' || address === '::') {
      return refuse(flag, text, 'an IP address of the node such as 192.168.0.2 or 2001:db8::1');
    }
    if (!addresses.includes(address)) addresses.push(address);
  }
  return { value: addresses };
}

/** The kernel's IFNAMSIZ is 16 with the final NUL. */
const maxInterfaceName = 15;
const interfaceName = /^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/;

export function readBridge(flag: string, given: string): Reading<string> {
  if (interfaceName.test(given) && given.length <= maxInterfaceName) return { value: given };
  return refuse(flag, given, `the name of one interface, at most ${maxInterfaceName} characters such as cni0`);
}

/** iptables writes a prefix as `cali+` and allows that as many characters as a name. */
export function readInterfacePrefix(flag: string, given: string): Reading<string> {
  if (interfaceName.test(given) && given.length < maxInterfaceName) return { value: given };
  return refuse(
    flag,
    given,
    `what interface names begin with, at most ${maxInterfaceName - 1} characters such as cali`,
  );
}

/** A Node's name: kube-proxy trims it and makes it lower case. */
export function readNodeName(flag: string, given: string): Reading<string> {
  const name = given.trim().toLowerCase();
  const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
  if (name.length <= 253 && new RegExp(`^${label}(?:\\.${label})*$`).test(name)) return { value: name };
  return refuse(flag, given, 'the name of a Node such as node-1.example.com');
}

export function readZone(flag: string, given: string): Reading<string> {
  if (/^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(given)) return { value: given };
  return refuse(flag, given, 'a zone as in the label topology.kubernetes.io/zone');
}
