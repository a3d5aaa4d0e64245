/** Parses the text of a destination into words, without resolving them. */
import { type IpAddress, parseIpAddress } from '../../model/address.ts';

export type DestinationWords = {
  /** A number from 1 to 65535, or the name of a port; absent where none was given. */
  readonly port?: number | string;
} & (
  | { readonly kind: 'address'; readonly address: IpAddress }
  | { readonly kind: 'word'; readonly word: 'node' | 'localhost' }
  /** `namespace/name`. */
  | { readonly kind: 'name'; readonly name: string }
);

/** Undefined for a text that is no destination. */
export function readDestination(text: string): DestinationWords | undefined {
  const bare = parseIpAddress(text);
  if (bare !== undefined) return { kind: 'address', address: bare };
  const [, bracketed, host = '', portText] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::([^:]+))?$/.exec(text) ?? [];
  const port = portText === undefined ? undefined : readPort(portText);
  if (portText !== undefined && port === undefined) return undefined;
  const withPort = port === undefined ? {} : { port };
  const address = parseIpAddress(bracketed ?? host);
  if (address !== undefined) return { kind: 'address', address, ...withPort };
  if (bracketed !== undefined) return undefined;
  if (host === 'node' || host === 'localhost') return { kind: 'word', word: host, ...withPort };
  return /^[^/]+\/[^/]+$/.test(host) ? { kind: 'name', name: host, ...withPort } : undefined;
}

function readPort(text: string): number | string | undefined {
  if (!/^\d+$/.test(text)) return text;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
