/**
 * What each Service asks for in one family: addresses and ports that only one service port can have. Nothing here
 * depends on other Services.
 */
import type { Diagnostic } from '../diagnostics.ts';
import { formatHostPort, type IpAddress } from '../model/address.ts';
import { namespacedName, type Service, type ServicePort } from '../model/objects.ts';
import type { Frontends } from '../model/plan.ts';
import type { FamilyContext } from './context.ts';
import { externalAddresses } from './external-addresses.ts';
import { boundFrontends } from './frontend-bound.ts';

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

export type ClaimKind = 'clusterIP' | 'nodePort' | 'healthCheck' | 'loadBalancerIP' | 'externalIP';

/** One thing that only one service port can have. */
export interface Claim {
  /** What is claimed, unique within a family: `10.0.0.1:80 TCP`, `nodePort 30080 TCP`. */
  readonly key: string;
  readonly kind: ClaimKind;
  /** Index into `service.ports`; -1 for the health check, which belongs to the whole Service. */
  readonly portIndex: number;
  /** The Service with everything that it claims. */
  readonly owner: ResolvedService;
  /** Of load-balancer IPs and external IPs. */
  readonly address?: IpAddress;
}

export interface Claimant {
  /** With everything that it claims. */
  readonly resolved: ResolvedService;
  readonly claims: readonly Claim[];
  /** What it cannot have, whatever other Services claim. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Undefined where the Service has no cluster IP of this family. */
export function claimantOf(service: Service, context: FamilyContext): Claimant | undefined {
  const clusterIp = service.clusterIps[context.family];
  if (clusterIp === undefined) return undefined;
  const external = externalAddresses(service, clusterIp, context);
  const bounded = boundFrontends(service, { clusterIp, external }, context.claimRules.maxFrontends);
  const acceptsNodePorts = context.nodePorts.within.length > 0;
  const resolved: ResolvedService = {
    service,
    key: namespacedName(service),
    ports: service.ports.map((port, i) => {
      const frontends = bounded.ports[i] as Frontends;
      return { port, frontends: acceptsNodePorts ? frontends : { ...frontends, nodePort: undefined } };
    }),
    healthCheckNodePort: service.healthCheckNodePort,
  };
  const claims = bounded.ports.flatMap((frontends, portIndex) => portClaims(resolved, portIndex, frontends));
  if (service.healthCheckNodePort !== undefined) {
    claims.push({
      key: healthCheckKey(service.healthCheckNodePort),
      kind: 'healthCheck',
      portIndex: -1,
      owner: resolved,
    });
  }
  return { resolved, claims, diagnostics: [...bounded.diagnostics, ...gateDiagnostics(service, context)] };
}

/** A NodePort is claimed also where this node does not serve it. */
function portClaims(owner: ResolvedService, portIndex: number, frontends: Frontends): Claim[] {
  const { clusterIp, external, nodePort } = frontends;
  const port = owner.service.ports[portIndex] as ServicePort;
  const claims: Claim[] = [];
  if (clusterIp !== undefined) claims.push({ key: addressKey(clusterIp, port), kind: 'clusterIP', portIndex, owner });
  for (const { kind, address } of external) {
    claims.push({ key: addressKey(address, port), kind, portIndex, owner, address });
  }
  if (nodePort !== undefined) claims.push({ key: nodePortKey(nodePort, port), kind: 'nodePort', portIndex, owner });
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

function gateDiagnostics({ namespace, name, externalIps }: Service, { claimRules }: FamilyContext): Diagnostic[] {
  if (claimRules.allowExternalIps || externalIps.length === 0) return [];
  return [
    {
      code: 'external-ips-off',
      severity: 'info',
      object: { kind: 'Service', namespace, name },
      field: 'spec.externalIPs',
      problem: 'external IPs are not served: the feature gate AllowServiceExternalIPs is false',
      remedy: 'use a load balancer or a NodePort, or set the feature gate to true',
    },
  ];
}
