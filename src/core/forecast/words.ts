/** The parts of a forecast in words. Of objects they hold addresses, numbers and names of ports, all validated. */
import { formatHostPort } from '../model/address.ts';
import type { CallerGroup, PortName, Reachability, ReachedFrontend, ServiceFrontend } from './changes.ts';

const kinds: Readonly<Record<ServiceFrontend['kind'], string>> = {
  clusterIP: 'cluster IP',
  externalIP: 'external IP',
  loadBalancerIP: 'load-balancer IP',
  nodePort: 'NodePort',
};

/** `cluster IP 10.96.0.1:80/TCP`, `NodePort 30080/TCP`, `NodePort 30080/TCP (IPv6)`. */
export function describeFrontend({ kind, address, family, port, protocol }: ServiceFrontend): string {
  const where = address === undefined ? String(port) : formatHostPort(address, port);
  return `${kinds[kind]} ${where}/${protocol}${address === undefined && family === 'IPv6' ? ' (IPv6)' : ''}`;
}

/** Of more frontends than these the rest is counted. */
const shownFrontends = 6;

/** All of them, a NodePort with the address where that matters; of many the first, and how many more there are. */
export function describeFrontends(frontends: readonly ReachedFrontend[]): string {
  const shown = frontends
    .slice(0, shownFrontends)
    .map(({ at, ...frontend }) => describeFrontend(frontend) + (at === undefined ? '' : ` at ${at}`));
  const more = frontends.length - shownFrontends;
  return joined(more > 0 ? [...shown, `${more} more frontends`] : shown);
}

/** `http 80/TCP`, or `80/TCP` for a port without a name. */
export function describePort({ name, port, protocol }: PortName): string {
  return `${name === '' ? '' : `${name} `}${port}/${protocol}`;
}

const whos: Readonly<Record<CallerGroup['who'], string>> = {
  everyone: 'everyone',
  thisNode: 'this node',
  pods: 'pods',
  podsBefore: 'sources no longer detected as pods',
  podsAfter: 'sources newly detected as pods',
  others: 'everyone else',
  endpoint: 'endpoints that call their own Service',
  thisNodeForeign: 'this node with a foreign source address',
  forged: 'packets with a forged address',
};

const alloweds: Readonly<Record<NonNullable<CallerGroup['allowed']>, string>> = {
  both: ' in the source ranges',
  before: ' no longer let in',
  after: ' newly let in',
  never: ' outside the source ranges',
};

/** `this node and pods outside the source ranges`. */
export function describeCallers(callers: readonly CallerGroup[]): string {
  const byRange = new Map<string, string[]>();
  for (const { who, allowed } of callers) {
    const range = allowed === undefined ? '' : alloweds[allowed];
    byRange.set(range, [...(byRange.get(range) ?? []), whos[who]]);
  }
  return joined([...byRange].map(([range, names]) => `${joined(names)}${range}`));
}

const outcomes: Readonly<Record<Exclude<Reachability['outcomes'][number], 'dnat'>, string>> = {
  reject: 'refused',
  drop: 'dropped',
  accept: 'let in',
  pass: 'not handled',
};

/** `3 endpoints`, `refused`, `1 endpoint, partly dropped`. */
export function describeReachability({ outcomes: kindsOfOutcome, endpoints }: Reachability): string {
  const others = kindsOfOutcome.flatMap((kind) => (kind === 'dnat' ? [] : [outcomes[kind]]));
  if (endpoints === 0) return others.join(' or ');
  const reached = `${endpoints} endpoint${endpoints === 1 ? '' : 's'}`;
  return others.length === 0 ? reached : `${reached}, partly ${others.join(' or ')}`;
}

/** `a`, `a and b`, `a, b and c`. */
function joined(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
