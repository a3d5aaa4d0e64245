/** A packet and its outcome: the common language of all tracers. */

import type { Rational } from '../structures/rational.ts';
import type { IpAddress } from './address.ts';
import type { Protocol } from './objects.ts';

/**
 * What conntrack says of a packet that does not open a connection. `established`: it belongs to a connection that no
 * rule has rewritten. `invalid`: to none, as when only one direction of a connection passes this node.
 */
export type CtStateOfPacket = 'established' | 'invalid';

export interface Packet {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: Protocol;
  readonly port: number;
  /** Interface it arrives on; absent when this node sends it. */
  readonly inputInterface?: string;
  /** `address:port` of the endpoint that affinity remembers for this client; absent for a new client. */
  readonly remembered?: string;
  /** Absent for a packet that opens a connection. */
  readonly ctState?: CtStateOfPacket;
}

/** The node that the packet meets. Loopback addresses are always local. */
export interface TraceHost {
  readonly addresses: readonly IpAddress[];
}

/**
 * `dnat`: to this endpoint (`address:port`). `reject`: refused with an ICMP error. `accept`: let in by a rule made for
 * it, whatever the policy of the chain. `pass`: no rule of ours decided.
 */
export type Outcome =
  | { readonly kind: 'dnat'; readonly endpoint: string; readonly masquerade: boolean }
  | { readonly kind: 'reject' | 'drop' }
  /** Its source may be rewritten even so, but never by the rules of a service proxy. */
  | { readonly kind: 'accept' | 'pass'; readonly masquerade?: true };

/** Every outcome that can happen with its exact probability; they add up to 1. By `outcomeKey`. */
export type Distribution = ReadonlyMap<string, { readonly outcome: Outcome; readonly probability: Rational }>;
