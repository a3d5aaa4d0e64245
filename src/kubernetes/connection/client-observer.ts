/** What the client reports of its requests, for metrics. */
import type { ApiFailure } from './api-failure.ts';

/** A request that was answered, or failed. */
export interface AnsweredRequest {
  readonly method: string;
  /** Host and port of the API server. */
  readonly host: string;
  /** HTTP status, or `error` where there was no answer. */
  readonly code: number | 'error';
  /** Until the head of the answer. */
  readonly seconds: number;
  /** How long it waited for its turn. */
  readonly rateLimitSeconds: number;
  /** Of the body that was sent; absent without one. */
  readonly requestBytes?: number;
  /** Of the answer's body, where its head says so. */
  readonly responseBytes?: number;
}

/** Is told of each request and of each watch that begins anew. */
export interface ClientObserver {
  answered(request: AnsweredRequest): void;
  /** A watch has to begin anew; `resource` as in URLs. */
  restarted(resource: string, reason: ApiFailure['reason']): void;
  /** Where the API server is reached, or was looked up to be. */
  reached(address: string, port: number): void;
}

/** Counts nothing. */
export const noObserver: ClientObserver = {
  answered: () => undefined,
  restarted: () => undefined,
  reached: () => undefined,
};
