/** What appears and what is gone between two turns, in a bounded number of lines. */
import type { Log } from './log.ts';

/** More lines than this about one turn are summed up, so that a start with bad objects does not bury the rest. */
export const maxLines = 50;

/** The values of those keys of `all` that are not in `others`. */
export function missing<T>(all: ReadonlyMap<string, T>, others: ReadonlyMap<string, unknown>): readonly T[] {
  return [...all].filter(([key]) => !others.has(key)).map(([, value]) => value);
}

export function tell<T>(values: readonly T[], log: Log, say: (value: T) => void): void {
  for (const value of values.slice(0, maxLines)) say(value);
  if (values.length > maxLines) log.warn('And more of that kind', { more: values.length - maxLines });
}
