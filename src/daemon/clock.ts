/** Time as the daemon sees it. Tests give it one of their own. */
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Milliseconds since 1970, for people. It may jump in either direction. */
  wallMs(): number;
  /** Milliseconds since some moment. It never jumps: all waiting goes by it. */
  nowMs(): number;
  /** Calls back once, after at least so many milliseconds, unless what it returns is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** Timers of Node count in 32 bits and fire at once beyond. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  nowMs: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), longestTimerMs));
    return () => clearTimeout(timer);
  },
};
