/**
 * The plan: what must happen to traffic, decided once for every backend. It speaks of frontends, pools, callers and
 * actions; why an endpoint is in a pool was settled when the plan was made.
 */

import type { Chunked } from '../structures/chunked.ts';
import type { Cidr, IpAddress, IpFamily } from './address.ts';
import type { Protocol } from './objects.ts';

/** Whether an endpoint runs on this node; `possible` when the API does not say where it runs. */
export type Locality = 'local' | 'remote' | 'possible';

export interface PlannedEndpoint {
  readonly address: IpAddress;
  readonly port: number;
  readonly locality: Locality;
}

export type PoolName = 'cluster' | 'local';

/**
 * Who sends: `localPod` a pod of this node, `notLocalPod` anyone but those, `thisNode` an address of the node itself,
 * `anyone`. The first two occur only where local detection tells some from others.
 */
export type Caller = 'anyone' | 'localPod' | 'notLocalPod' | 'thisNode';

/**
 * `balance`: to an endpoint of the pool, all equally likely, masqueraded or not. `reject`: ICMP port unreachable, there
 * is no endpoint anywhere. `drop`: there are endpoints, but none that this traffic may reach.
 */
export type Action =
  | { readonly kind: 'balance'; readonly pool: PoolName; readonly masquerade: boolean }
  | { readonly kind: 'reject' }
  | { readonly kind: 'drop' };

/** The first branch whose caller matches decides; the last one's caller is always `anyone`. */
export interface Branch {
  readonly caller: Caller;
  readonly action: Action;
}
export type Route = readonly Branch[];

export interface ExternalAddress {
  readonly kind: 'externalIP' | 'loadBalancerIP';
  readonly address: IpAddress;
  /** Never empty. Sources that may use this address; absent means any. Others: see `guardsWithoutEndpoints`. */
  readonly allowedSources?: readonly Cidr[];
}

/** Where one service port can be reached, after conflicts with other Services have been settled. */
export interface Frontends {
  readonly clusterIp: IpAddress | undefined;
  readonly external: readonly ExternalAddress[];
  readonly nodePort: number | undefined;
}

export interface ServicePortId {
  readonly namespace: string;
  readonly name: string;
  readonly portName: string;
  readonly protocol: Protocol;
  /** `namespace/name:portName`, or `namespace/name` when the port has no name: the text in comments. */
  readonly text: string;
}

export interface ServicePortPlan {
  readonly id: ServicePortId;
  /** The port on cluster IP and external addresses. */
  readonly port: number;
  readonly frontends: Frontends;
  /** For the cluster IP. */
  readonly internal: Route;
  /** For external addresses and the NodePort. */
  readonly external: Route;
  /** Sorted by address and port, each once. */
  readonly pools: Readonly<Record<PoolName, readonly PlannedEndpoint[]>>;
  /** ClientIP affinity: a client stays with its endpoint until it was idle for this long; shared by all frontends. */
  readonly affinityTimeoutSeconds: number | undefined;
}

/**
 * Which packets come from a pod of this node; `unknown` where detection is not configured for this family, `everyone`
 * where the cluster's block is the whole family.
 */
export type LocalPodMatch =
  | { readonly kind: 'unknown' | 'everyone' }
  | { readonly kind: 'sources'; readonly cidr: Cidr }
  | { readonly kind: 'interface'; readonly name: string }
  | { readonly kind: 'interfacePrefix'; readonly prefix: string };

/**
 * Where NodePorts are reached: at addresses of this node within these blocks and outside `except`. Traffic to a
 * NodePort without endpoints is refused or dropped there, or on every address of the node: see `refusesEverywhere`.
 */
export interface NodePortMatch {
  /** Local addresses within these blocks; `0.0.0.0/0` or `::/0` for all of them. */
  readonly within: readonly Cidr[];
  /** Local addresses that never accept NodePorts: the loopback block where it is switched off or cannot work. */
  readonly except: Cidr | undefined;
  /**
   * In iptables mode a NodePort without endpoints refuses or drops traffic on every address of the node (true); in
   * nftables mode only on addresses where NodePorts are reached (false). Both as kube-proxy does.
   */
  readonly refusesEverywhere: boolean;
}

/** One HTTP health check, on the addresses of the plan's family: where, and how many endpoints it reports. */
export interface HealthCheck {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** Distinct addresses of local endpoints that take new traffic. */
  readonly localEndpoints: number;
}

export interface Plan {
  readonly family: IpFamily;
  readonly localPods: LocalPodMatch;
  readonly nodePorts: NodePortMatch;
  /** Sorted by namespace, name and port name. */
  readonly servicePorts: Chunked<ServicePortPlan>;
  readonly healthChecks: readonly HealthCheck[];
  /** Bit value, not bit number: 0x4000 by default. */
  readonly masqueradeMark: number;
  /** Drop packets to 127.0.0.0/8 from elsewhere: the node routes them once localhost NodePorts are on. */
  readonly protectLoopback: boolean;
  /** Drop forwarded packets that conntrack takes for invalid: in iptables mode only, unless TCP is to be liberal. */
  readonly dropInvalid: boolean;
  /** Let forwarded packets of known connections through, whatever the policy of the chain: in iptables mode only. */
  readonly acceptEstablished: boolean;
  /** Whether source ranges guard an address without endpoints (nftables mode), or all sources are refused there. */
  readonly guardsWithoutEndpoints: boolean;
  /** Whether rules count in nfacct objects: packets that `dropInvalid` drops, and those to NodePorts on loopback. */
  readonly nfacct: boolean;
  /**
   * Whether packets to a cluster IP on a port that it does not have are refused, and those to addresses within these
   * blocks that no Service has are dropped; absent in iptables mode, which lets both pass.
   */
  readonly unusedClusterIps: { readonly serviceCidrs: readonly Cidr[] } | undefined;
}
