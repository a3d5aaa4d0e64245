/** What a test and its agents in the namespaces say to each other. */
import type { Protocol } from '../../../src/core/model/objects.ts';

/** Where a client sends to: a frontend of a Service. */
export interface Target {
  /** Unique among those of one client. */
  readonly name: string;
  readonly protocol: Extract<Protocol, 'TCP' | 'UDP'>;
  readonly address: string;
  readonly port: number;
}

/** One new connection, or one question from a new UDP socket. Times are those of `nowMs`. */
export interface Attempt {
  readonly target: string;
  readonly startMs: number;
  readonly endMs: number;
  /** `ok`, `refused`, `timeout` or an error code. */
  readonly outcome: string;
  /** Who answered; empty when nobody did. */
  readonly endpoint: string;
  /** A TCP connect that took so long that its first SYN was lost; a datagram that was sent again. */
  readonly wasRepeated: boolean;
}

/** One TCP connection that is kept open, with a word going there and back again and again. */
export interface HeldConnection {
  readonly target: string;
  readonly endpoint: string;
  readonly openedMs: number;
  readonly echoes: number;
  readonly lost?: { readonly atMs: number; readonly why: string };
}

export interface TrafficReport {
  readonly attempts: readonly Attempt[];
  readonly held: readonly HeldConnection[];
}

export interface TrafficOrder {
  readonly targets: readonly Target[];
  /** Kept open to each TCP target. */
  readonly heldEach: number;
  /** Between two echoes of one connection, and between two new connections of this client. */
  readonly echoEveryMs: number;
  readonly connectEveryMs: number;
}

/** What can be asked of an agent, with what it answers. */
export interface Orders {
  /** Echo servers for TCP, and servers for UDP that say their address. */
  serve: { readonly takes: { addresses: readonly string[]; tcp: number; udp: number }; readonly gives: null };
  startTraffic: { readonly takes: TrafficOrder; readonly gives: null };
  /** How many connections are held now. */
  countHeld: { readonly takes: null; readonly gives: number };
  endTraffic: { readonly takes: null; readonly gives: TrafficReport };
  /** New connections, one after the other. */
  ask: { readonly takes: { target: Target; times: number }; readonly gives: readonly Attempt[] };
  /** A question from one and the same UDP source port; gives who answered, empty when nobody did. */
  askFrom: { readonly takes: { target: Target; sourcePort: number; waitMs: number }; readonly gives: string };
  fetch: { readonly takes: { url: string }; readonly gives: { status: number; body: string } };
  /** Listens at 127.0.0.1; the socket comes beside the answer. */
  openDoor: { readonly takes: { port: number }; readonly gives: null };
}

export interface Request<N extends keyof Orders = keyof Orders> {
  readonly id: number;
  readonly name: N;
  readonly order: Orders[N]['takes'];
}

export type Response =
  | { readonly id: number; readonly result: Orders[keyof Orders]['gives'] }
  | { readonly id: number; readonly error: string };

/** A clock that all processes of a machine share, and that never jumps. */
export function nowMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
