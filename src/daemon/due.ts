/** When the loop turns next, and why. Pure: how it is paced can be read, and tested, in one place. */
import type { SyncCause } from '../observe/sync-report.ts';

/** What decides when the loop turns next. All times are by the clock's `nowMs`. */
export interface LoopState {
  /** Whether every kind of object was given whole. Before that nothing is programmed. */
  readonly isSynced: boolean;
  /** Undefined before the first. */
  readonly last: LastTurn | undefined;
  /** When the oldest change that waits was recorded. */
  readonly changedAtMs: number | undefined;
  /** When another program was first suspected of having changed our rules. */
  readonly suspectedAtMs: number | undefined;
  /** When something that failed is tried again. */
  readonly retryAtMs: number | undefined;
}

/** When the last turn was, and what it spent time on. */
export interface LastTurn {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Spent on reading and changing the kernel's rules; not on waiting for a lock. */
  readonly applyMs: number;
  /** Spent on asking whether our rules still stand. */
  readonly lookMs: number;
}

/** How often the loop turns. */
export interface Pace {
  /** The longest time between two turns. */
  readonly syncPeriodMs: number;
  /** The shortest, for changes; 0 leaves it to the time that applying takes. */
  readonly minSyncPeriodMs: number;
}

/** When the next turn is due, and what for. */
export interface Due {
  readonly atMs: number;
  readonly cause: SyncCause;
}

/** A program that commits again and again must not keep us looking all the time. */
const shortestPauseMs = 50;

/**
 * The first change after quiet is due at once. While changes go on, a turn begins no sooner than `minSyncPeriodMs`
 * after the one before began, and not before as much time has passed as that one spent applying: at most half of all
 * time goes into applying, whatever a change costs. Undefined when only news can be a reason to turn.
 */
export function nextDue(state: LoopState, pace: Pace): Due | undefined {
  const { last } = state;
  if (!state.isSynced) return undefined;
  if (last === undefined) return { atMs: 0, cause: 'start' };
  const rested = restedAtMs(last);
  const dues: Due[] = [{ atMs: Math.max(rested, last.startedAtMs + pace.syncPeriodMs), cause: 'period' }];
  if (state.changedAtMs !== undefined) {
    dues.push({ atMs: Math.max(rested, last.startedAtMs + pace.minSyncPeriodMs), cause: 'change' });
  }
  if (state.suspectedAtMs !== undefined) dues.push({ atMs: nextLookMs(last), cause: 'repair' });
  if (state.retryAtMs !== undefined) dues.push({ atMs: Math.max(rested, state.retryAtMs), cause: 'retry' });
  return dues.reduce((first, due) => (due.atMs < first.atMs ? due : first));
}

/**
 * When a suspicion is looked into: not before as much time has passed as the last look took. Until then turns that are
 * due for something else leave it alone, so that a storm of suspicions delays no change.
 */
export function nextLookMs(last: LastTurn | undefined): number {
  return last === undefined ? 0 : Math.max(restedAtMs(last), last.endedAtMs + Math.max(shortestPauseMs, last.lookMs));
}

function restedAtMs({ endedAtMs, applyMs }: LastTurn): number {
  return endedAtMs + applyMs;
}

/** How long to wait before what failed so many times in a row is tried again. */
export function backOffMs(failures: number): number {
  return Math.min(maxBackOffMs, firstBackOffMs * 2 ** Math.max(0, failures - 1));
}

const firstBackOffMs = 100;
const maxBackOffMs = 30_000;
