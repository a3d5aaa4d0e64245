/** Names of chains: the fixed ones of kube-proxy, and those made for one service port or endpoint. */
import type { Cidr } from '../model/address.ts';
import type { Protocol } from '../model/objects.ts';
import type { ServicePortId } from '../model/plan.ts';
import { memoize } from '../structures/memoize.ts';
import { shortHash } from '../structures/short-hash.ts';
import type { PortRange } from './ruleset.ts';

/** XT_EXTENSION_MAXNAMELEN is 29 with the final NUL (include/uapi/linux/netfilter/x_tables.h). */
export const maxChainNameLength = 28;

/** XT_MAX_COMMENT_LEN is 256 with the final NUL (include/uapi/linux/netfilter/xt_comment.h); the tools cut the rest. */
export const maxCommentLength = 255;

/** The chains with fixed names. chain-owners.ts says who else makes them. */
export const chains = {
  services: 'KUBE-SERVICES',
  externalServices: 'KUBE-EXTERNAL-SERVICES',
  nodePorts: 'KUBE-NODEPORTS',
  postrouting: 'KUBE-POSTROUTING',
  markMasquerade: 'KUBE-MARK-MASQ',
  forward: 'KUBE-FORWARD',
  firewall: 'KUBE-FIREWALL',
  proxyFirewall: 'KUBE-PROXY-FIREWALL',
  /**
   * In the nat table, empty: the rules around it are rulewright's. kube-proxy deletes it in its first full sync, and in
   * its own clean-up, since the name starts like those of its Services.
   */
  marker: 'KUBE-SVC-RULEWRIGHT',
} as const;

/** The kernel's counters that rules name (xt_nfacct), as kube-proxy names them. */
export const nfacctObjects = {
  invalidDropped: 'ct_state_invalid_dropped_pkts',
  loopbackNodePorts: 'localhost_nps_accepted_pkts',
} as const;

export interface ServicePortChains {
  readonly service: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

/** The chains of a service port. The hash is kube-proxy's, so that the names are the same on a node that ran it. */
export const servicePortChains = memoize((id: ServicePortId): ServicePortChains => {
  const hash = shortHash(`${id.text}${id.protocol.toLowerCase()}`);
  return {
    service: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  };
});

/** The chain of an endpoint (`10.0.0.1:80`, `[fd00::1]:80`) of a service port; the hash is kube-proxy's too. */
export function endpointChain(id: ServicePortId, endpoint: string): string {
  return `KUBE-SEP-${shortHash(`${id.text}${id.protocol.toLowerCase()}${endpoint}`)}`;
}

/** The chain for all frontends in a block: by its address where that fits, which IPv6 blocks do not. */
export function addressBranchChain(prefix: string, block: Cidr): string {
  const readable = `${prefix}${block}`;
  return block.includes(':') || readable.length > maxChainNameLength ? `${prefix}${shortHash(block)}` : readable;
}

/** The chain for all NodePorts of a protocol, or of a range of its ports. */
export function portBranchChain(prefix: string, protocol: Protocol, range: PortRange | undefined): string {
  const all = `${prefix}${protocol.toLowerCase()}`;
  return range === undefined ? all : `${all}-${range.from}:${range.to}`;
}
