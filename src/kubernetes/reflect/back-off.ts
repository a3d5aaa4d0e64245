/** How long to wait after failures. */
import type { Clock } from '../../clock.ts';

/** A server may ask for patience, not for silence: a Retry-After of hours would leave the node with old rules. */
const longestRetryAfterMs = 120_000;

export interface BackOff {
  /** How long to wait before the next try: at least what the server asked for, and longer after each failure. */
  readonly nextMs: (retryAfterMs?: number) => number;
  /** It went well: the next failure is a first one. */
  readonly reset: () => void;
  /** Failures since it went well. */
  readonly failures: () => number;
}

/** Waits that double, each between half and all of its length, so that nodes which failed together return apart. */
export function createBackOff(clock: Clock, firstMs: number, longestMs: number): BackOff {
  let failures = 0;
  return {
    nextMs: (retryAfterMs = 0) => {
      const fullMs = Math.min(firstMs * 2 ** Math.min(failures, 30), longestMs);
      failures += 1;
      const askedMs = Math.min(retryAfterMs, longestRetryAfterMs);
      return Math.round(Math.max(fullMs * (0.5 + clock.random() / 2), askedMs * (1 + clock.random() / 10)));
    },
    reset: () => {
      failures = 0;
    },
    failures: () => failures,
  };
}
