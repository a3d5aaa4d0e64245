/** A network to build: the node under test, other nodes, the world outside, and the pods on the nodes. */
import type { Listener } from '../agent/messages.ts';

export interface NodeSpec {
  readonly name: string;
  /** With prefix lengths: `192.0.2.10/24`. */
  readonly addresses: readonly string[];
  readonly podCidrs: readonly string[];
  /** The node's addresses towards its pods; empty for nodes that keep all their pods in one namespace. */
  readonly gateways: readonly string[];
}

export interface PodSpec {
  readonly name: string;
  readonly node: string;
  readonly addresses: readonly string[];
  /** Served at each address. */
  readonly ports: readonly Pick<Listener, 'protocol' | 'port'>[];
}

export interface Network {
  /** The node whose rules are under test. */
  readonly node: NodeSpec;
  readonly otherNodes: readonly NodeSpec[];
  readonly clusterCidrs: readonly string[];
  readonly outsideAddresses: readonly string[];
  readonly routedToNode: readonly string[];
  readonly pods: readonly PodSpec[];
}

export function isIpv6(address: string): boolean {
  return address.includes(':');
}
