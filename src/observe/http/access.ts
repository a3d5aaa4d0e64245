/** Who may see debug pages: callers on this node, by an address or name that is this node's. */
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { type HttpRequest, type HttpResponse, textResponse } from './response.ts';

export interface DebugAccess {
  /** Names by which callers may call this server, besides `localhost`, this machine's name and IP addresses. */
  readonly allowedHosts: readonly string[];
  /** Whether callers without a loopback address are answered too. */
  readonly isOpen: boolean;
}

/**
 * What to answer to a caller that may not see a debug page; undefined to one that may. The name is checked because a
 * web page can make its own name lead to 127.0.0.1, and a browser on this node then asks here (DNS rebinding).
 */
export function refuseDebug(
  { host, isLoopback }: Pick<HttpRequest, 'host' | 'isLoopback'>,
  { allowedHosts, isOpen }: DebugAccess,
): HttpResponse | undefined {
  if (!isOpen && !isLoopback) {
    return textResponse('403 debug pages answer on loopback addresses only; --debug-address opens another one\n', 403);
  }
  return isThisNode(host, allowedHosts)
    ? undefined
    : textResponse('403 the Host header names another host; use an IP address, or --allowed-hosts\n', 403);
}

function isThisNode(host: string, allowedHosts: readonly string[]): boolean {
  const name = host.replace(/\.$/, '');
  if (name === '' || name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return true;
  const own = hostname().toLowerCase();
  return [own, own.split('.', 1)[0], ...allowedHosts.map((allowed) => allowed.toLowerCase())].includes(name);
}
