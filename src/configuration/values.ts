/** The values of single settings, from text: of a flag, or of a field that holds text. Nothing here throws. */
import { type Cidr, familyOf, type IpAddress, parseIpAddress } from '../core/model/address.ts';
import { parseCidr } from '../core/model/cidr.ts';
import type { NodePortAddresses, ProxyMode } from '../core/model/config.ts';
import { inWords, type Parsed, splitList, type Unfit, unfit } from './parsed.ts';

/** What kube-proxy's flag parser takes for a boolean. */
export function parseBoolean(text: string): Parsed<boolean> {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return { value: true };
  if (/^(?:0|f|F|false|FALSE|False)$/.test(text)) return { value: false };
  return unfit(text, 'true or false');
}

export function parseChoice<T extends string>(text: string, choices: readonly T[]): Parsed<T> {
  const choice = choices.find((candidate) => candidate === text);
  return choice === undefined ? unfit(text, inWords(choices)) : { value: choice };
}

/** Modes that rulewright does not have are refused by name. */
export function parseMode(text: string): Parsed<ProxyMode> {
  const valid = 'iptables or nftables';
  switch (text) {
    case 'iptables':
    case 'nftables':
      return { value: text };
    case 'ipvs':
      return unfit(text, `${valid}: ipvs mode is not supported; Kubernetes has deprecated it`);
    case 'kernelspace':
      return unfit(text, `${valid}: kernelspace is for Windows nodes only`);
    default:
      return unfit(text, valid);
  }
}

export function parseAddress(text: string): Parsed<IpAddress> {
  const address = parseIpAddress(text);
  return address === undefined ? unfit(text, 'an IP address such as 192.168.0.2 or 2001:db8::1') : { value: address };
}

/** At most one block of each family. */
export function parseClusterCidrs(text: string): Parsed<readonly Cidr[] | undefined> {
  const cidrs: Cidr[] = [];
  for (const item of splitList(text)) {
    const cidr = parseCidr(item);
    if (cidr === undefined) return unfit(item, 'a CIDR block such as 10.244.0.0/16 or fd00:10:244::/56');
    if (cidrs.some((other) => familyOf(other) === familyOf(cidr))) {
      return unfit(text, 'at most one IPv4 and one IPv6 block');
    }
    cidrs.push(cidr);
  }
  return { value: cidrs.length === 0 ? undefined : cidrs };
}

/** `primary` alone, or blocks; no value at all leaves it to the mode. */
export function parseNodePortAddresses(items: readonly string[]): Parsed<NodePortAddresses | undefined> {
  if (items.length === 0) return { value: undefined };
  if (items.includes('primary')) {
    return items.length === 1
      ? { value: { kind: 'primary' } }
      : unfit(items.join(','), "either the word 'primary' alone or CIDR blocks");
  }
  const cidrs = parseCidrs(items, "the word 'primary' or CIDR blocks such as 192.168.0.0/16");
  return 'want' in cidrs ? cidrs : { value: { kind: 'cidrs', cidrs } };
}

export function parseCidrs(items: readonly string[], want: string): readonly Cidr[] | Unfit {
  const cidrs: Cidr[] = [];
  for (const item of items) {
    const cidr = parseCidr(item);
    if (cidr === undefined) return unfit(item, want);
    cidrs.push(cidr);
  }
  return cidrs;
}

/** The kernel's IFNAMSIZ is 16 with the final NUL. */
const maxInterfaceName = 15;
const interfaceName = /^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/;

export function parseBridge(text: string): Parsed<string> {
  if (interfaceName.test(text) && text.length <= maxInterfaceName) return { value: text };
  return unfit(text, `the name of one interface, at most ${maxInterfaceName} characters such as cni0`);
}

/** iptables writes a prefix as `cali+` and allows that as many characters as a name. */
export function parseInterfacePrefix(text: string): Parsed<string> {
  if (interfaceName.test(text) && text.length < maxInterfaceName) return { value: text };
  return unfit(text, `what interface names begin with, at most ${maxInterfaceName - 1} characters such as cali`);
}

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const nodeName = new RegExp(`^${label}(?:\\.${label})*$`);

/** A Node's name: kube-proxy trims it and makes it lower case. */
export function parseNodeName(text: string): Parsed<string> {
  const name = text.trim().toLowerCase();
  if (name.length <= 253 && nodeName.test(name)) return { value: name };
  return unfit(text, 'the name of a Node such as node-1.example.com');
}

/** `A=true,B=false` */
export function parseFeatureGates(text: string): Parsed<Readonly<Record<string, boolean>> | undefined> {
  const gates: [string, boolean][] = [];
  for (const item of splitList(text)) {
    const [, name = '', setting = ''] = /^([A-Za-z]\w*)\s*=\s*(\w+)$/.exec(item) ?? [];
    const parsed = parseBoolean(setting);
    if ('want' in parsed) return unfit(item, 'gates such as SomeGate=true,OtherGate=false');
    gates.push([name, parsed.value]);
  }
  return { value: gates.length === 0 ? undefined : Object.fromEntries(gates) };
}
