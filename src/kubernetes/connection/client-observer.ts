/** What the client does, for whoever counts it. */
import type { ApiFailure } from './api-failure.ts';

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
}

export interface ClientObserver {
  answered(request: AnsweredRequest): void;
  /** A watch has to begin anew; `resource` as in URLs. */
  restarted(resource: string, reason: ApiFailure['reason']): void;
}

export const nobody: ClientObserver = { answered: () => undefined, restarted: () => undefined };
