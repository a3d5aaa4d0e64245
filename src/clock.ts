/** Time and chance. Whatever waits, measures or draws takes a clock, so that tests can hold all three. */
import { performance } from 'node:perf_hooks';

/** Where the program gets its time and its random numbers from. */
export interface Clock {
  /** Milliseconds since 1970, for people and other machines. It may jump in either direction. */
  wallMs(): number;
  /** Milliseconds since an arbitrary moment. It never jumps: all waiting and measuring goes by it. */
  nowMs(): number;
  /** A random number, at least 0 and below 1. */
  random(): number;
  /** Calls back once, after at least this many milliseconds. The function it returns cancels the timer. */
  after(ms: number, callback: () => void): () => void;
}

/** Node counts timers in 32 bits, and a timer beyond that fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  nowMs: () => performance.now(),
  random: () => Math.random(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), longestTimerMs));
    return () => clearTimeout(timer);
  },
};

/** Resolves after that many milliseconds, or at once when the signal aborts; never rejects. */
export function sleep(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const wake = (): void => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.after(ms, wake);
    signal?.addEventListener('abort', wake);
  });
}
