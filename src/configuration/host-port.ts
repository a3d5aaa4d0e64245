/** Where a server listens, as text: `127.0.0.1:10249`, `[::]:10256`. */
import { formatHostPort, type IpAddress, parseIpAddress } from '../core/model/address.ts';

export interface HostPort {
  readonly host: IpAddress;
  readonly port: number;
}

/** An address alone gets `defaultPort`; a port alone (`:10256`) means all IPv4 addresses. */
export function parseHostPort(text: string, defaultPort: number): HostPort | undefined {
  const alone = parseIpAddress(text);
  if (alone !== undefined) return { host: alone, port: defaultPort };
  const [, bracketed, plain = '', portText = ''] = /^(?:\[([^\]]*)\]|([^:]*)):([1-9]\d{0,4})$/.exec(text) ?? [];
  const port = Number(portText);
  const host = parseHost(bracketed, plain);
  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port };
}

/** Brackets are for IPv6 alone. */
function parseHost(bracketed: string | undefined, plain: string): IpAddress | undefined {
  if (bracketed === undefined) return parseIpAddress(plain === '' ? '0.0.0.0' : plain);
  return bracketed.includes(':') ? parseIpAddress(bracketed) : undefined;
}

export function formatListenAddress({ host, port }: HostPort): string {
  return formatHostPort(host, port);
}

/** The address of a constant in our own code; a text that is not one is our bug. */
export function constantAddress(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an IP address: ${text}`);
  return address;
}
