/** What a process and its agents in the namespaces say to each other: the orders, and the answer to each. */
import type { Protocol } from '../../../src/core/model/objects.ts';

/** `http`: an HTTP/1.1 request over TCP. `dns`: a DNS query over UDP. Both answer with an `Answer`. */
export type CallProtocol = 'http' | 'dns';

/** A server. Those of `tcp` greet with their address and echo what comes; those of `udp` answer with their address. */
export interface Listener {
  readonly pod: string;
  readonly protocol: CallProtocol | 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

/** Many connections, each with one question, from the sources in turn. */
export interface CallOrder {
  readonly protocol: CallProtocol;
  readonly address: string;
  readonly port: number;
  /** Empty: the kernel chooses the source address. */
  readonly sources: readonly string[];
  readonly connections: number;
  readonly atOnce: number;
  readonly timeoutMs: number;
}

/** What a server says: its name, and the address that it sees as its caller. */
export interface Answer {
  readonly pod: string;
  readonly peer: string;
}

/** The number of connections from this source (empty: chosen by the kernel) that got this answer. */
export interface AnswerTally extends Answer {
  readonly source: string;
  readonly count: number;
}

/** `refused`, `dropped` (nothing came back in time), `not tried` after many failures, or another error's code. */
export interface FailureTally {
  readonly source: string;
  readonly reason: string;
  readonly count: number;
}

export interface CallReport {
  readonly answers: readonly AnswerTally[];
  readonly failures: readonly FailureTally[];
  readonly elapsedMs: number;
  /** Median time of one connection from its start to its answer or failure. */
  readonly medianMs: number;
}

/** The answer of an HTTP server. */
export interface Page {
  readonly status: number;
  readonly body: string;
}

/** Where steady traffic goes: a frontend of a Service, served by servers of `tcp` or `udp`. */
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
  /** The address that answered; empty without an answer. */
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

/** What an agent does on request: by order, its parameters and its result. */
export interface Orders {
  serve: { readonly takes: { readonly listeners: readonly Listener[] }; readonly gives: null };
  call: { readonly takes: CallOrder; readonly gives: CallReport };
  /** Opens connections and keeps them; each asks once. */
  hold: { readonly takes: CallOrder; readonly gives: readonly Answer[] };
  /** Every connection of `hold` asks once more, then closes. */
  askHeld: { readonly takes: null; readonly gives: readonly Answer[] };
  startTraffic: { readonly takes: TrafficOrder; readonly gives: null };
  /** How many connections the traffic holds now. */
  countHeld: { readonly takes: null; readonly gives: number };
  endTraffic: { readonly takes: null; readonly gives: TrafficReport };
  /** A question from a given UDP source port; gives the address that answered, empty without an answer. */
  askFrom: {
    readonly takes: { readonly target: Target; readonly sourcePort: number; readonly waitMs: number };
    readonly gives: string;
  };
  fetch: { readonly takes: { readonly url: string }; readonly gives: Page };
  /** Listens at 127.0.0.1; the socket comes beside the answer. */
  openDoor: { readonly takes: { readonly port: number }; readonly gives: null };
  /** Live on without the process that gives orders, until the namespace of this path is removed. */
  stay: { readonly takes: { readonly namespacePath: string }; readonly gives: null };
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
