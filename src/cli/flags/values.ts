/** The values of single flags that kube-proxy does not have: text in, a value or what is wrong with it out. */
import { splitList } from '../../configuration/parsed.ts';
import { parseChoice } from '../../configuration/values.ts';
import { type IpAddress, parseIpAddress } from '../../core/model/address.ts';
import { type Reading, readingOf, refuse } from './reading.ts';

export function readChoice<T extends string>(flag: string, given: string, choices: readonly T[]): Reading<T> {
  return readingOf(flag, parseChoice(given, choices));
}

export function readNodeIps(flag: string, given: readonly string[]): Reading<readonly IpAddress[]> {
  const addresses: IpAddress[] = [];
  for (const text of splitList(given.join(','))) {
    const address = parseIpAddress(text);
    if (address === undefined || address === '0.0.0.0' || address === '::') {
      return refuse(flag, text, 'an IP address of the node such as 192.168.0.2 or 2001:db8::1');
    }
    if (!addresses.includes(address)) addresses.push(address);
  }
  return { value: addresses };
}

export function readZone(flag: string, given: string): Reading<string> {
  if (/^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(given)) return { value: given };
  return refuse(flag, given, 'a zone as in the label topology.kubernetes.io/zone');
}
