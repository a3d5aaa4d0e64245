/** What the node's settings mean for one IP family, worked out once and shared by all Services. */
import { type Cidr, familyOf, type IpAddress, type IpFamily } from '../model/address.ts';
import {
  cidrContains,
  cidrCovers,
  cidrsOverlap,
  hostCidr,
  isWholeFamily,
  loopbackBlocks,
  wholeFamily,
} from '../model/cidr.ts';
import type { ClaimRules, NodeConfig } from '../model/config.ts';
import type { Node } from '../model/objects.ts';
import type { LocalPodMatch, NodePortMatch } from '../model/plan.ts';
import type { NodePlace } from './endpoints.ts';
import { nodeAddresses } from './node-addresses.ts';

export interface FamilyContext {
  readonly family: IpFamily;
  readonly place: NodePlace;
  /** The node's primary address of this family, where it has one. */
  readonly primaryIp: IpAddress | undefined;
  /** The node's addresses of this family, as its object has them. */
  readonly nodeAddresses: readonly IpAddress[];
  readonly claimRules: ClaimRules;
  readonly masqueradeAll: boolean;
  readonly masqueradeMark: number;
  readonly localPods: LocalPodMatch;
  readonly nodePorts: NodePortMatch;
  /** What the settings name for NodePorts, loopback included. */
  readonly nodePortBlocks: readonly Cidr[];
  readonly protectLoopback: boolean;
  readonly dropInvalid: boolean;
  readonly acceptEstablished: boolean;
  readonly guardsWithoutEndpoints: boolean;
}

/** Works out the context of one family from the settings and this node's object, if it is known. */
export function familyContext(config: NodeConfig, node: Node | undefined, family: IpFamily): FamilyContext {
  const ownAddresses = nodeAddresses(config, node).filter((address) => familyOf(address) === family);
  const [primaryIp] = ownAddresses;
  const blocks = nodePortBlocks(config, node, family);
  const nodePorts = nodePortMatch(config, family, blocks);
  return {
    family,
    place: { name: config.nodeName, zone: node?.zone },
    primaryIp,
    nodeAddresses: ownAddresses,
    claimRules: config.claimRules,
    masqueradeAll: config.masqueradeAll,
    masqueradeMark: (1 << config.masqueradeBit) >>> 0,
    localPods: localPodMatch(config, node, family),
    nodePorts,
    nodePortBlocks: blocks,
    protectLoopback:
      loopbackAnswers(config, family) && nodePorts.within.some((cidr) => cidrsOverlap(cidr, loopbackBlocks.IPv4)),
    // kube-proxy's nftables mode has no such rule: it breaks asymmetric routing.
    dropInvalid: config.mode === 'iptables' && !config.conntrackTcpBeLiberal,
    acceptEstablished: config.mode === 'iptables',
    guardsWithoutEndpoints: config.mode === 'nftables',
  };
}

/** The kernel can route IPv4's loopback block to other nodes, and kube-proxy makes it do so in iptables mode only. */
export function loopbackAnswers({ mode, localhostNodePorts }: NodeConfig, family: IpFamily): boolean {
  return family === 'IPv4' && mode === 'iptables' && localhostNodePorts;
}

/** Loopback addresses take part only where the kernel can be made to route them. */
function nodePortMatch(config: NodeConfig, family: IpFamily, blocks: readonly Cidr[]): NodePortMatch {
  const loopback = loopbackBlocks[family];
  const refusesEverywhere = config.mode === 'iptables';
  if (loopbackAnswers(config, family)) return { within: blocks, except: undefined, refusesEverywhere };
  const within = blocks.filter((block) => !cidrCovers(loopback, block));
  const except = within.some((block) => cidrsOverlap(block, loopback)) ? loopback : undefined;
  return { within, except, refusesEverywhere };
}

/**
 * The blocks that the settings name for a family. A list without an entry of the family means all its addresses, as in
 * kube-proxy; so does a node that has no primary address of the family. Before anything is known of the node there are
 * none. A block that covers the whole family makes the others redundant.
 */
function nodePortBlocks(config: NodeConfig, node: Node | undefined, family: IpFamily): readonly Cidr[] {
  if (config.nodePortAddresses.kind === 'primary') {
    const addresses = nodeAddresses(config, node);
    const primaryIp = addresses.find((address) => familyOf(address) === family);
    if (primaryIp !== undefined && !cidrContains(loopbackBlocks[family], primaryIp)) return [hostCidr(primaryIp)];
    return node === undefined && addresses.length === 0 ? [] : [wholeFamily[family]];
  }
  const ofFamily = config.nodePortAddresses.cidrs.filter((cidr) => familyOf(cidr) === family);
  if (ofFamily.length === 0 || ofFamily.some(isWholeFamily)) return [wholeFamily[family]];
  return [...new Set(ofFamily)];
}

function localPodMatch(config: NodeConfig, node: Node | undefined, family: IpFamily): LocalPodMatch {
  const { detectLocal } = config;
  switch (detectLocal.mode) {
    case 'ClusterCIDR':
      return sourcesIn(detectLocal.cidrs, family);
    case 'NodeCIDR':
      return sourcesIn(node?.podCidrs ?? [], family);
    case 'BridgeInterface':
      return { kind: 'interface', name: detectLocal.bridge };
    case 'InterfaceNamePrefix':
      return { kind: 'interfacePrefix', prefix: detectLocal.prefix };
    default:
      return detectLocal satisfies never;
  }
}

function sourcesIn(cidrs: readonly Cidr[], family: IpFamily): LocalPodMatch {
  const cidr = cidrs.find((candidate) => familyOf(candidate) === family);
  if (cidr === undefined) return { kind: 'unknown' };
  return isWholeFamily(cidr) ? { kind: 'everyone' } : { kind: 'sources', cidr };
}
