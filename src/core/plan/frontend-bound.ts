/**
 * How many frontends one Service may have in one IP family. Ports times addresses grow faster than the object that
 * names them (34 kB can ask for 90,000), so the frontends over the bound are never made.
 */
import type { Diagnostic } from '../diagnostics.ts';
import { formatHostPort, type IpAddress } from '../model/address.ts';
import type { Service, ServicePort } from '../model/objects.ts';
import type { ExternalAddress, Frontends } from '../model/plan.ts';
import { compareText } from '../structures/compare-text.ts';
import { remember } from '../structures/remember.ts';

/** What a Service asks for in one family. */
export interface WantedFrontends {
  readonly clusterIp: IpAddress;
  /** In the order in which they are served. */
  readonly external: readonly ExternalAddress[];
}

export interface BoundedFrontends {
  /** For each port. Ports share the list of external addresses where it is the same. */
  readonly ports: readonly Frontends[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Cluster IPs and NodePorts come first, port by port; then each external address, on all ports. */
export function boundFrontends(service: Service, wanted: WantedFrontends, most: number): BoundedFrontends {
  const { ports } = service;
  // At most two frontends of a port are its own. Nearly all Services are far from the bound.
  if (ports.length * (2 + wanted.external.length) <= most) return { ports: all(service, wanted), diagnostics: [] };
  const own = ports.flatMap((port, index) => [
    { index, kind: 'clusterIP' as const },
    ...(port.nodePort === undefined ? [] : [{ index, kind: 'nodePort' as const }]),
  ]);
  const served = new Set(own.slice(0, most).map(({ index, kind }) => `${kind} ${index}`));
  const lists = new Map<number, readonly ExternalAddress[]>();
  const total = own.length + ports.length * wanted.external.length;
  return {
    ports: ports.map((port, index) => {
      const count = Math.max(0, Math.ceil((most - own.length - index) / ports.length));
      return {
        clusterIp: served.has(`clusterIP ${index}`) ? wanted.clusterIp : undefined,
        external: remember(lists, Math.min(count, wanted.external.length), () => sorted(wanted.external, count)),
        nodePort: served.has(`nodePort ${index}`) ? port.nodePort : undefined,
      };
    }),
    diagnostics:
      total > most ? [surplus(service, { total, most }, (place) => nameOf(place, service, wanted, own))] : [],
  };
}

function all({ ports }: Service, { clusterIp, external }: WantedFrontends): readonly Frontends[] {
  const shared = sorted(external, external.length);
  return ports.map(({ nodePort }) => ({ clusterIp, external: shared, nodePort }));
}

function sorted(external: readonly ExternalAddress[], count: number): readonly ExternalAddress[] {
  return external.slice(0, count).sort((a, b) => compareText(a.address, b.address));
}

interface OwnFrontend {
  readonly index: number;
  readonly kind: 'clusterIP' | 'nodePort';
}

/** Names the frontend at this place of the order. */
function nameOf(
  place: number,
  { ports }: Service,
  { clusterIp, external }: WantedFrontends,
  own: readonly OwnFrontend[],
): string {
  const ownOne = own[place];
  const port = ports[ownOne === undefined ? (place - own.length) % ports.length : ownOne.index] as ServicePort;
  if (ownOne?.kind === 'nodePort') return `NodePort ${port.nodePort}/${port.protocol}`;
  const address = ownOne === undefined ? external[Math.floor((place - own.length) / ports.length)]?.address : clusterIp;
  return `${formatHostPort(address ?? clusterIp, port.port)}/${port.protocol}`;
}

/** So many are named. */
const named = 10;

function surplus(
  { namespace, name }: Service,
  { total, most }: { readonly total: number; readonly most: number },
  nameAt: (place: number) => string,
): Diagnostic {
  const count = total - most;
  const names = Array.from({ length: Math.min(count, named) }, (_, i) => nameAt(most + i));
  const rest = count > named ? ` and ${count - named} more` : '';
  return {
    code: 'frontends-surplus',
    severity: 'error',
    object: { kind: 'Service', namespace, name },
    field: 'spec.ports',
    problem: `it has ${total} frontends, and ${most} are served; not served: ${names.join(', ')}${rest}`,
    remedy: 'spread ports and addresses over several Services, or raise --max-frontends',
  };
}
