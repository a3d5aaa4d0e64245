import type { Cidr, IpAddress } from './address.ts';

/** How a packet from a pod of this node is told from others (kube-proxy's detectLocalMode). */
export type DetectLocal =
  | { readonly mode: 'ClusterCIDR'; readonly cidrs: readonly Cidr[] }
  | { readonly mode: 'NodeCIDR' }
  | { readonly mode: 'BridgeInterface'; readonly bridge: string }
  | { readonly mode: 'InterfaceNamePrefix'; readonly prefix: string };

/** Which of the node's addresses accept NodePort traffic: its primary address, or local addresses within blocks. */
export type NodePortAddresses =
  | { readonly kind: 'primary' }
  | { readonly kind: 'cidrs'; readonly cidrs: readonly Cidr[] };

/**
 * `fast`: a prefix tree of frontends, and endpoints that cannot be on this node without a chain of their own.
 * `kube-proxy`: the shape everybody knows, a linear list and a chain for each endpoint.
 */
export type IptablesLayout = 'fast' | 'kube-proxy';

export type ProxyMode = 'iptables' | 'nftables';

/** What Services may claim, and how much of it. */
export interface ClaimRules {
  /** Whether spec.externalIPs are served (feature gate AllowServiceExternalIPs). */
  readonly allowExternalIps: boolean;
  /** Whether external IPs are refused on all addresses of this node, not only on the ports that it needs. */
  readonly protectNodeAddresses: boolean;
  /** TCP ports that external IPs never take on addresses of this node, and what they are: `the kubelet's`. */
  readonly protectedPorts: readonly { readonly port: number; readonly use: string }[];
  /** The most frontends of one Service in one IP family. */
  readonly maxFrontends: number;
}

/** The settings that shape rules. Strings are validated before they get here. */
export interface NodeConfig {
  readonly mode: ProxyMode;
  /** Name of this node's Node object; endpoints with this nodeName are local. */
  readonly nodeName: string;
  /** The addresses to take for this node's own when there is no Node object of that name. */
  readonly fallbackNodeIps: readonly IpAddress[];
  /** Goes before the first address of its family that the Node has (kube-proxy's bindAddress); absent: none is set. */
  readonly bindAddress?: IpAddress;
  readonly masqueradeAll: boolean;
  /** Bit of the packet mark that asks for masquerading: 0–31. */
  readonly masqueradeBit: number;
  readonly detectLocal: DetectLocal;
  readonly nodePortAddresses: NodePortAddresses;
  /** IPv4 NodePorts answer on 127.0.0.0/8 too (kube-proxy's iptables.localhostNodePorts); only in iptables mode. */
  readonly localhostNodePorts: boolean;
  /** Let packets through that conntrack takes for invalid (kube-proxy's conntrack.tcpBeLiberal). */
  readonly conntrackTcpBeLiberal: boolean;
  readonly claimRules: ClaimRules;
  /** Only in iptables mode. */
  readonly layout: IptablesLayout;
  /**
   * Whether rules count in the kernel's nfacct objects, which must be there before the rules. The daemon finds out;
   * rules that are only printed do not count. Only in iptables mode.
   */
  readonly nfacct: boolean;
}
