/** Time that passes only when everything else has come to rest: hours of a daemon's life in milliseconds. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';

export interface VirtualClock extends Clock {
  /** Lets time pass, timer by timer. What is called back has run, as far as it can, before time passes on. */
  advance(ms: number): Promise<void>;
  /** Lets time pass at once, without calling back. */
  pass(ms: number): void;
  /** The wall clock is set by somebody. */
  jumpWall(ms: number): void;
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** `startMs`: the wall clock at the beginning, in milliseconds since 1970. */
export function createVirtualClock(startMs = Date.UTC(2026, 0, 1, 0, 0, 1)): VirtualClock {
  let nowMs = 1000;
  let wallOffsetMs = startMs - nowMs;
  const timers = new Set<Timer>();
  const nextTimer = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.atMs < first.atMs) first = timer;
    return first;
  };
  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs + wallOffsetMs,
    random: () => 0.5,
    after(ms, callback) {
      const timer = { atMs: nowMs + Math.max(0, ms), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms) {
      nowMs += ms;
    },
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
