/** The hand-written description of who calls what and what must happen: the types of examples/shop-traffic.yaml. */
import type { ServerProtocol } from './messages.ts';

export type Mode = 'iptables' | 'nftables';

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
  readonly httpPorts: readonly number[];
  readonly dnsPorts: readonly number[];
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

export interface Target {
  readonly protocol: ServerProtocol;
  readonly address: string;
  readonly port: number;
  /** As it was written. */
  readonly text: string;
}

/** A fraction as it was written, and its value. */
export interface Share {
  readonly text: string;
  readonly value: number;
}

/** Whose address the answering pod sees. */
export type SeenAs = 'caller' | 'node';

export type Expectation =
  | { readonly kind: 'answers'; readonly shares: ReadonlyMap<string, Share>; readonly seenAs: SeenBy }
  | { readonly kind: 'sticks'; readonly pods: readonly string[]; readonly seenAs: SeenBy }
  | { readonly kind: 'fails'; readonly how: 'refused' | 'dropped' };

/** For each pod that may answer. */
export type SeenBy = ReadonlyMap<string, SeenAs>;

export interface Call {
  readonly service: string;
  /** A pod, the node, or `outside`. */
  readonly from: string;
  /** Addresses that the caller uses in turn; empty where the kernel chooses (calls of the node itself). */
  readonly sources: readonly string[];
  readonly to: Target;
  readonly connections: number;
  readonly expect: Expectation;
  /** A few words for the reader. */
  readonly note: string | undefined;
}

export interface ServiceTraffic {
  readonly service: string;
  readonly shows: string;
  readonly calls: readonly Call[];
}

/** Connections opened before the change and used again after it. */
export interface KeptConnections {
  readonly from: string;
  readonly sources: readonly string[];
  readonly to: Target;
  readonly connections: number;
}

export interface Change {
  readonly shows: string;
  /** The file of the example that its namesake in the second folder takes the place of. */
  readonly replaces: string;
  /** The address that may not show in the rules any more. */
  readonly leaves: string;
  readonly kept: KeptConnections;
  readonly calls: readonly Call[];
}

export interface Traffic {
  readonly network: Network;
  readonly services: readonly ServiceTraffic[];
  /** Texts that may not show in the rules. */
  readonly unmentioned: readonly string[];
  readonly change: Change;
}
