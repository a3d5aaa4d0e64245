/**
 * Why a request failed, by what its sender has to do about it:
 * - `unreachable`: no connection, no answer in time, or an answer that was cut or made no sense.
 * - `silent`: an answer that paused for too long.
 * - `unauthorized`: 401. `forbidden`: 403. `absent`: 404, the server has no such API.
 * - `gone`: the version asked for is no longer known: everything has to be asked for anew.
 * - `rolled-back`: the server has older data than it had, so what its versions meant is void.
 * - `exists`: 409 to a creation, there is such an object already.
 * - `refused`: any other 4xx. The same request will be refused again.
 * - `busy`: 429 and 5xx.
 */
export type FailureReason =
  | 'unreachable'
  | 'silent'
  | 'unauthorized'
  | 'forbidden'
  | 'absent'
  | 'gone'
  | 'rolled-back'
  | 'exists'
  | 'refused'
  | 'busy';

/** A request to the API server failed. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly reason: FailureReason;
  readonly retryAfterMs: number | undefined;

  /** The message is one line of harmless text without credentials. */
  constructor(reason: FailureReason, message: string, retryAfterMs?: number) {
    super(message);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whatever was thrown, as an ApiFailure. */
export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure('unreachable', error instanceof Error ? error.message : String(error));
}
