/** Time that passes only when everything else has come to rest: hours of a daemon's life in milliseconds. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../src/daemon/clock.ts';

export interface VirtualClock extends Clock {
  /** Lets time pass, timer by timer. What is called back has run, as far as it can, before time passes on. */
  advance(ms: number): Promise<void>;
  sleep(ms: number): Promise<void>;
  /** The wall clock is set by somebody. */
  jumpWall(ms: number): void;
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

export function createVirtualClock(): VirtualClock {
  let nowMs = 1000;
  let wallOffsetMs = Date.UTC(2026, 0, 1);
  const timers = new Set<Timer>();
  const nextTimer = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.atMs < first.atMs) first = timer;
    return first;
  };
  const after: Clock['after'] = (ms, callback) => {
    const timer = { atMs: nowMs + Math.max(0, ms), callback };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs + wallOffsetMs,
    after,
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    jumpWall(ms) {
      wallOffsetMs += ms;
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        // Promises that are settled run before an immediate does.
        await setImmediate();
        const timer = nextTimer();
        if (timer === undefined || timer.atMs > untilMs) break;
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.callback();
      }
      nowMs = untilMs;
    },
  };
}
