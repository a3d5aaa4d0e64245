/**
 * Who may use which address and port. Two Services can claim the same external IP, NodePort or health-check port; the
 * older one gets it, and the other one is told; only a cluster IP is always its own Service's. Nothing here depends on
 * endpoints.
 */
import type { Diagnostic } from '../diagnostics.ts';
import { formatHostPort, type IpAddress } from '../model/address.ts';
import { namespacedName, type Service, type ServicePort } from '../model/objects.ts';
import type { ExternalAddress, Frontends } from '../model/plan.ts';
import { remember } from '../model/remember.ts';
import { type Shards, valuesIn } from '../model/shards.ts';
import type { FamilyContext } from './context.ts';
import { externalAddresses } from './external-addresses.ts';

/** A Service of one family with the frontends that it won. Keeps its identity while they stay the same. */
export interface ResolvedService {
  readonly service: Service;
  /** `namespace/name`. */
  readonly key: string;
  readonly ports: readonly ResolvedPort[];
  readonly healthCheckNodePort: number | undefined;
}

export interface ResolvedPort {
  readonly port: ServicePort;
  readonly frontends: Frontends;
}

export interface Resolution {
  /** Sorted by key; Services without a cluster IP of this family are absent. */
  readonly services: readonly ResolvedService[];
  readonly diagnostics: readonly Diagnostic[];
}

const clusterIpField = 'spec.clusterIPs';

/** One thing that only one service port can have. */
interface Claim {
  /** What is claimed, unique within a family: `10.0.0.1:80 TCP`, `nodePort 30080 TCP`. */
  readonly key: string;
  /** Index into `service.ports`; -1 for the health check, which belongs to the whole Service. */
  readonly portIndex: number;
  readonly field: string;
}

interface Claimant {
  readonly resolved: ResolvedService;
  readonly claims: readonly Claim[];
}

/** Settles all claims of one family. */
export function resolveClaims(services: Shards<Service>, context: FamilyContext): Resolution {
  const contenders: Claimant[] = [];
  for (const service of valuesIn(services)) {
    const claimant = claimantOf(service, context);
    if (claimant !== undefined) contenders.push(claimant);
  }
  const winners = new Map<string, Claimant>();
  let contested = false;
  for (const claimant of contenders) {
    for (const { key } of claimant.claims) {
      const rival = winners.get(key);
      contested ||= rival !== undefined;
      if (rival === undefined || goesBefore(claimant, rival, key)) winners.set(key, claimant);
    }
  }
  if (!contested) return { services: contenders.map(({ resolved }) => resolved), diagnostics: [] };
  return settle(contenders, winners);
}

function settle(contenders: readonly Claimant[], winners: ReadonlyMap<string, Claimant>): Resolution {
  const diagnostics: Diagnostic[] = [];
  const services = contenders.map((claimant) => {
    const taken = new Set<string>();
    const lost = claimant.claims.filter(({ key }) => {
      // A key that comes up twice in one Service is the first one's, as the rest could never be reached.
      const isLost = winners.get(key) !== claimant || taken.has(key);
      taken.add(key);
      return isLost;
    });
    for (const claim of lost) diagnostics.push(conflict(claim, claimant, winners.get(claim.key) ?? claimant));
    return lost.length === 0 ? claimant.resolved : withoutClaims(claimant.resolved, lost);
  });
  return { services, diagnostics };
}

function conflict(claim: Claim, loser: Claimant, winner: Claimant): Diagnostic {
  const { namespace, name } = loser.resolved.service;
  return {
    code: 'frontend-conflict',
    severity: 'warning',
    object: { kind: 'Service', namespace, name },
    field: claim.field,
    problem: `${claim.key} already belongs to ${describeOwner(claim, loser, winner)}, which keeps it`,
    remedy: 'choose another address or port, or remove it from one of the two',
  };
}

function describeOwner({ key, field }: Claim, loser: Claimant, winner: Claimant): string {
  if (winner === loser) return 'another port of the same Service';
  if (field !== clusterIpField && isClusterIpOf(winner, key)) {
    return `Service ${winner.resolved.key}, whose cluster IP it is`;
  }
  const isSameAge = winner.resolved.service.createdAtMs === loser.resolved.service.createdAtMs;
  return `Service ${winner.resolved.key}, ${isSameAge ? 'equally old and first by name' : 'the older one'}`;
}

/** A cluster IP is its Service's, however old: else an external IP could take over any Service that is younger. */
function goesBefore(a: Claimant, b: Claimant, key: string): boolean {
  const [isOwnOfA, isOwnOfB] = [isClusterIpOf(a, key), isClusterIpOf(b, key)];
  return isOwnOfA === isOwnOfB ? isOlder(a, b) : isOwnOfA;
}

function isClusterIpOf({ claims }: Claimant, key: string): boolean {
  return claims.some((claim) => claim.key === key && claim.field === clusterIpField);
}

/** creationTimestamp, then name; a Service that does not say when it was made is taken for the youngest. */
function isOlder(a: Claimant, b: Claimant): boolean {
  const [ageA, ageB] = [a, b].map(({ resolved }) => resolved.service.createdAtMs ?? Number.POSITIVE_INFINITY);
  if (ageA !== ageB) return Number(ageA) < Number(ageB);
  return a.resolved.key < b.resolved.key;
}

const claimants = new WeakMap<FamilyContext, WeakMap<Service, Claimant>>();

function claimantOf(service: Service, context: FamilyContext): Claimant | undefined {
  const clusterIp = service.clusterIps[context.family];
  if (clusterIp === undefined) return undefined;
  const ofContext = remember(claimants, context, () => new WeakMap());
  return remember(ofContext, service, () => makeClaimant(service, clusterIp, context));
}

function makeClaimant(service: Service, clusterIp: IpAddress, context: FamilyContext): Claimant {
  const external = externalAddresses(service, clusterIp, context);
  const acceptsNodePorts = context.nodePorts.within.length > 0;
  const ports = service.ports.map((port) => {
    const nodePort = acceptsNodePorts ? port.nodePort : undefined;
    return { port, frontends: { clusterIp, external, nodePort } };
  });
  const resolved = {
    service,
    key: namespacedName(service),
    ports,
    healthCheckNodePort: service.healthCheckNodePort,
  };
  const claims = ports.flatMap(({ port }, index) => portClaims(port, index, clusterIp, external));
  if (service.healthCheckNodePort !== undefined) {
    claims.push({ key: healthCheckKey(service.healthCheckNodePort), portIndex: -1, field: 'spec.healthCheckNodePort' });
  }
  return { resolved, claims };
}

function portClaims(
  port: ServicePort,
  portIndex: number,
  clusterIp: IpAddress,
  external: readonly ExternalAddress[],
): Claim[] {
  const claims: Claim[] = [{ key: addressKey(clusterIp, port), portIndex, field: clusterIpField }];
  for (const { kind, address } of external) {
    const field = kind === 'externalIP' ? 'spec.externalIPs' : 'status.loadBalancer.ingress';
    claims.push({ key: addressKey(address, port), portIndex, field });
  }
  if (port.nodePort !== undefined) {
    claims.push({ key: nodePortKey(port.nodePort, port), portIndex, field: `spec.ports[${portIndex}].nodePort` });
  }
  return claims;
}

const remainderMemo = new WeakMap<ResolvedService, { readonly lost: string; readonly resolved: ResolvedService }>();

/** The Service without what it lost; the same value as long as it loses the same. */
function withoutClaims(full: ResolvedService, lost: readonly Claim[]): ResolvedService {
  const signature = lost.map(({ portIndex, key }) => `${portIndex} ${key}`).join();
  const known = remainderMemo.get(full);
  if (known?.lost === signature) return known.resolved;
  const resolved = removeClaims(full, lost);
  remainderMemo.set(full, { lost: signature, resolved });
  return resolved;
}

function removeClaims(resolved: ResolvedService, lost: readonly Claim[]): ResolvedService {
  const isLost = (portIndex: number, key: string) =>
    lost.some((claim) => claim.portIndex === portIndex && claim.key === key);
  const { healthCheckNodePort } = resolved;
  return {
    ...resolved,
    ports: resolved.ports.map(({ port, frontends }, i) => {
      const { clusterIp, external, nodePort } = frontends;
      return {
        port,
        frontends: {
          clusterIp: clusterIp !== undefined && isLost(i, addressKey(clusterIp, port)) ? undefined : clusterIp,
          external: external.filter(({ address }) => !isLost(i, addressKey(address, port))),
          nodePort: nodePort !== undefined && isLost(i, nodePortKey(nodePort, port)) ? undefined : nodePort,
        },
      };
    }),
    healthCheckNodePort:
      healthCheckNodePort !== undefined && isLost(-1, healthCheckKey(healthCheckNodePort))
        ? undefined
        : healthCheckNodePort,
  };
}

function addressKey(address: IpAddress, port: ServicePort): string {
  return `${formatHostPort(address, port.port)} ${port.protocol}`;
}

function nodePortKey(nodePort: number, { protocol }: Pick<ServicePort, 'protocol'>): string {
  return `nodePort ${nodePort} ${protocol}`;
}

/** Health checks are HTTP and answer on the same addresses as NodePorts, so they compete with those of TCP. */
function healthCheckKey(port: number): string {
  return nodePortKey(port, { protocol: 'TCP' });
}
