/**
 * The Kubernetes objects as rulewright keeps them: only what shapes rules, every string validated, every default filled
 * in. Made by `manifest/`; plain frozen values.
 */
import type { Cidr, IpAddress, IpFamily, PerFamily } from './address.ts';

/** Transport protocols that a Service port can have. */
export type Protocol = 'TCP' | 'UDP' | 'SCTP';

export type TrafficPolicy = 'Cluster' | 'Local';

export interface ServicePort {
  /** A DNS label, or empty for the single unnamed port. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly nodePort?: number;
}

/** A Service with at least one cluster IP. Headless and ExternalName Services never become one of these. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  /** metadata.creationTimestamp in milliseconds since 1970; absent in hand-written files. */
  readonly createdAtMs?: number;
  /** One per family at most; a family without a cluster IP has no frontends of any kind. */
  readonly clusterIps: PerFamily<IpAddress>;
  readonly externalIps: readonly IpAddress[];
  /** status.loadBalancer.ingress addresses whose ipMode is `VIP`. */
  readonly loadBalancerIps: readonly IpAddress[];
  readonly loadBalancerSourceRanges: readonly Cidr[];
  readonly ports: readonly ServicePort[];
  readonly internalTrafficPolicy: TrafficPolicy;
  readonly externalTrafficPolicy: TrafficPolicy;
  /** ClientIP affinity; absent means none. */
  readonly affinityTimeoutSeconds?: number;
  /** Only for type LoadBalancer with external traffic policy Local. */
  readonly healthCheckNodePort?: number;
}

export interface SlicePort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
}

export interface SliceEndpoint {
  readonly address: IpAddress;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Absent when the API does not say on which node the endpoint runs. */
  readonly nodeName?: string;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

export interface EndpointSlice {
  readonly namespace: string;
  readonly name: string;
  /** Label `kubernetes.io/service-name`. */
  readonly serviceName: string;
  readonly family: IpFamily;
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

export interface Node {
  readonly name: string;
  /** InternalIPs first, then ExternalIPs, each in the object's order: the first of a family is the primary one. */
  readonly addresses: readonly IpAddress[];
  readonly podCidrs: readonly Cidr[];
  /** Label `topology.kubernetes.io/zone`. */
  readonly zone?: string;
  /** It is being deleted, or is about to be: new connections should come to others. */
  readonly isLeaving?: true;
}

export interface ServiceCidr {
  readonly name: string;
  readonly cidrs: readonly Cidr[];
}

/** An object that shapes rules, by kind. */
export type Manifest =
  | { readonly kind: 'Service'; readonly object: Service }
  | { readonly kind: 'EndpointSlice'; readonly object: EndpointSlice }
  | { readonly kind: 'Node'; readonly object: Node }
  | { readonly kind: 'ServiceCIDR'; readonly object: ServiceCidr };

/** Names one namespaced object of a kind. */
export interface NamespacedRef {
  readonly namespace: string;
  readonly name: string;
}

/** `namespace/name`: the key of namespaced objects everywhere. */
export function namespacedName({ namespace, name }: NamespacedRef): string {
  return `${namespace}/${name}`;
}

/** Names a port of a Service; an empty `portName` for a port without a name. */
export interface ServicePortRef extends NamespacedRef {
  readonly portName: string;
}

/** `namespace/name:portName`, or `namespace/name` for a port without a name: how comments name service ports. */
export function servicePortText(port: ServicePortRef): string {
  return port.portName === '' ? namespacedName(port) : `${namespacedName(port)}:${port.portName}`;
}

/** The key of an object in a snapshot: `namespace/name`, or `name` for cluster-scoped kinds. */
export function keyOfManifest({ object }: Manifest): string {
  return 'namespace' in object ? namespacedName(object) : object.name;
}
