/**
 * Bounds what is logged about objects that change again and again, so that one tenant cannot fill the log: of one
 * object and code a few lines a minute, and of one namespace some more. What is left out is counted and told later.
 */
import type { LogFields } from './log.ts';

const windowMs = 60_000;
/** Lines in a window about the same object and code. */
const maxOfKey = 10;
/** Lines in a window about all objects of a namespace. */
const maxOfNamespace = 60;

/** Writes a line; `extra` are fields to add to it. */
type Say = (extra: LogFields) => void;

export interface RepeatedLine {
  /** Object and code. */
  readonly key: string;
  /** Empty for objects without a namespace. */
  readonly namespace: string;
  readonly say: Say;
}

export interface RepeatLimit {
  /** Writes the line now, or counts it. */
  log(line: RepeatedLine): void;
  /** Writes for each object whose window is over the last line that was left out, with how many there were. */
  flush(): void;
}

interface Window {
  readonly startedAtMs: number;
  lines: number;
  leftOut: number;
  last: Say | undefined;
}

/** `sayLeftOut` tells how many lines about a namespace were left out. `now` in milliseconds. */
export function createRepeatLimit(
  now: () => number,
  sayLeftOut: (namespace: string, lines: number) => void,
): RepeatLimit {
  const keys = new Map<string, Window>();
  const namespaces = new Map<string, Window>();

  /** Whether a line fits into the window. */
  const fits = (windows: Map<string, Window>, name: string, max: number): Window | undefined => {
    const window = windows.get(name) ?? { startedAtMs: now(), lines: 0, leftOut: 0, last: undefined };
    windows.set(name, window);
    if (window.lines < max) return window;
    window.leftOut += 1;
    return undefined;
  };

  return {
    log({ key, namespace, say }) {
      const all = fits(namespaces, namespace, maxOfNamespace);
      if (all === undefined) return;
      const own = fits(keys, key, maxOfKey);
      if (own === undefined) {
        const window = keys.get(key);
        if (window !== undefined) window.last = say;
        return;
      }
      all.lines += 1;
      own.lines += 1;
      say({});
    },
    flush() {
      const isOver = ({ startedAtMs }: Window): boolean => now() - startedAtMs >= windowMs;
      for (const [key, window] of keys) {
        if (!isOver(window)) continue;
        keys.delete(key);
        window.last?.({ repeated: window.leftOut });
      }
      for (const [namespace, window] of namespaces) {
        if (!isOver(window)) continue;
        namespaces.delete(namespace);
        if (window.leftOut > 0) sayLeftOut(namespace, window.leftOut);
      }
    },
  };
}
