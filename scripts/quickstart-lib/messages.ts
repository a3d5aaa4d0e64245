/** What the main process and the agents in the namespaces say to each other. */

/** `http`: an HTTP/1.1 request over TCP. `dns`: a DNS query over UDP. */
export type ServerProtocol = 'http' | 'dns';

export interface Listener {
  readonly pod: string;
  readonly protocol: ServerProtocol;
  readonly address: string;
  readonly port: number;
}

/** Many connections, each with one question, from the sources in turn. */
export interface CallOrder {
  readonly protocol: ServerProtocol;
  readonly address: string;
  readonly port: number;
  /** Empty: the kernel chooses the source address. */
  readonly sources: readonly string[];
  readonly connections: number;
  readonly atOnce: number;
  readonly timeoutMs: number;
}

/** What a server says: who it is, and the address that it sees as its caller. */
export interface Answer {
  readonly pod: string;
  readonly peer: string;
}

/** So many connections from this source (empty: chosen by the kernel) were answered so. */
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

/** What a server of HTTP said. */
export interface Page {
  readonly status: number;
  readonly body: string;
}

export type Order =
  | { readonly do: 'serve'; readonly listeners: readonly Listener[] }
  | { readonly do: 'call'; readonly call: CallOrder }
  /** Open connections and keep them; each asks once. */
  | { readonly do: 'hold'; readonly call: CallOrder }
  /** Every kept connection asks once more, then closes. */
  | { readonly do: 'askHeld' }
  | { readonly do: 'fetch'; readonly url: string }
  /** Live on without the main process, until the namespace of this path is removed. */
  | { readonly do: 'stay'; readonly namespacePath: string };

export interface Replies {
  readonly serve: null;
  readonly call: CallReport;
  readonly hold: readonly Answer[];
  readonly askHeld: readonly Answer[];
  readonly fetch: Page;
  readonly stay: null;
}

export interface Request {
  readonly id: number;
  readonly order: Order;
}

export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };
