/** The hand-written description of who calls what and what must happen: the types of examples/shop-traffic.yaml. */
import type { CallProtocol } from '../../lab/agent/messages.ts';
import type { Network } from '../../lab/network/network.ts';

export type Mode = 'iptables' | 'nftables';

export interface CallTarget {
  readonly protocol: CallProtocol;
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
  readonly to: CallTarget;
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
  readonly to: CallTarget;
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
