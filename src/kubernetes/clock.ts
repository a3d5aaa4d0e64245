/** Time and chance as this room needs them, so that tests can hold both. */
import { setTimeout as wait } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since 1970; jumps when somebody sets the clock. */
  readonly wallMs: () => number;
  /** Milliseconds since some moment; never jumps. */
  readonly elapsedMs: () => number;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Waits that long, or until the signal aborts; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = {
  wallMs: Date.now,
  elapsedMs: () => performance.now(),
  random: Math.random,
  sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
};
