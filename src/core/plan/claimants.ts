/**
 * What each Service asks for in one family: addresses and ports that only one service port can have. Nothing here
 * depends on other Services.
 */
import { formatHostPort, type IpAddress } from '../model/address.ts';
import { namespacedName, type Service, type ServicePort } from '../model/objects.ts';
import type { ExternalAddress, Frontends } from '../model/plan.ts';
import { remember } from '../structures/remember.ts';
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

export const clusterIpField = 'spec.clusterIPs';

/** One thing that only one service port can have. */
export interface Claim {
  /** What is claimed, unique within a family: `10.0.0.1:80 TCP`, `nodePort 30080 TCP`. */
  readonly key: string;
  /** Index into `service.ports`; -1 for the health check, which belongs to the whole Service. */
  readonly portIndex: number;
  readonly field: string;
}

export interface Claimant {
  readonly resolved: ResolvedService;
  readonly claims: readonly Claim[];
}

/** The claimants that were made for one context. */
export type KnownClaimants = WeakMap<Service, Claimant>;

/** Undefined where the Service has no cluster IP of this family. The same value as long as the Service is. */
export function claimantOf(service: Service, context: FamilyContext, known: KnownClaimants): Claimant | undefined {
  const clusterIp = service.clusterIps[context.family];
  if (clusterIp === undefined) return undefined;
  return remember(known, service, () => makeClaimant(service, clusterIp, context));
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

export function addressKey(address: IpAddress, port: ServicePort): string {
  return `${formatHostPort(address, port.port)} ${port.protocol}`;
}

export function nodePortKey(nodePort: number, { protocol }: Pick<ServicePort, 'protocol'>): string {
  return `nodePort ${nodePort} ${protocol}`;
}

/** Health checks are HTTP and answer on the same addresses as NodePorts, so they compete with those of TCP. */
export function healthCheckKey(port: number): string {
  return nodePortKey(port, { protocol: 'TCP' });
}
