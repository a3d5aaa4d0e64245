/** What the daemon finds out about its machine, as the plan is told of it. */
import { formatHostPort, type IpAddress, ipFamilies, parseIpAddress } from '../../core/model/address.ts';
import { cidrContains, constantCidr } from '../../core/model/cidr.ts';
import type { Inbox } from '../inbox.ts';
import type { NodeAddresses } from './addresses.ts';

/** The API server may move, and a name may have many addresses: so many are remembered, the last ones. */
const mostEndpoints = 64;

/** To be told each address and port where the API server is, or may be, reached. */
export function learnApiEndpoints({ learn }: Pick<Inbox, 'learn'>): (address: string, port: number) => void {
  let known: readonly string[] = [];
  return (text, port) => {
    const address = parseIpAddress(text);
    const endpoint = address === undefined ? undefined : formatHostPort(address, port);
    if (endpoint === undefined || known.includes(endpoint)) return;
    known = [...known, endpoint].slice(-mostEndpoints);
    learn({ apiEndpoints: known });
  };
}

/** Each interface of a pod has one, so they come and go; no Service can have one (API validation). */
const linkLocal = constantCidr('fe80::/10');

/** Tells the plan the addresses of the kernel whenever they are others. */
export function learnAddresses({ learn }: Pick<Inbox, 'learn'>, { of, onChange }: NodeAddresses): void {
  let last = '';
  onChange(() => {
    const addresses = ipFamilies.flatMap(of).filter((address: IpAddress) => !cidrContains(linkLocal, address));
    const text = addresses.join(' ');
    if (text === last) return;
    last = text;
    learn({ addresses });
  });
}
