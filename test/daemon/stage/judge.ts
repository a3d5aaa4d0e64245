/** What became of the traffic, and what of it should not have happened. Pure. */
import type { Attempt, HeldConnection, TrafficReport } from '../../../scripts/lab/agent/messages.ts';
import type { Timeline } from './timeline.ts';

export interface Judgement {
  readonly counts: {
    /** Connections that were kept open, the words that came back over them, and how many were lost. */
    readonly held: number;
    readonly echoes: number;
    readonly lost: number;
    /** New connections and questions; those that had to be answered; those that were not, though nobody had to. */
    readonly attempts: number;
    readonly owed: number;
    readonly unanswered: number;
    /** Allowed: of those that had to be answered, the first packet was lost, and its repetition answered. */
    readonly repeated: number;
    /** For how long, at most, an endpoint that still answered a new connection had been none: how late rules come. */
    readonly latestMs: number;
  };
  /** A line for each thing that must not happen; at least one when there was no traffic to speak of. */
  readonly faults: readonly string[];
}

export interface JudgeOptions {
  readonly reports: readonly TrafficReport[];
  readonly timeline: Timeline;
  /**
   * A change of the API server may be this old and not yet in the kernel. Steady Services need no such allowance to be
   * answered: they have a ready endpoint before and after each change. 10 s when absent, for busy machines.
   */
  readonly programmingMs?: number;
  /** Less than this says nothing. */
  readonly atLeast: { readonly held: number; readonly echoes: number; readonly owed: number };
}

export function judge({ reports, timeline, atLeast, programmingMs = 10_000 }: JudgeOptions): Judgement {
  const held = reports.flatMap((report) => report.held);
  const attempts = reports.flatMap((report) => report.attempts);
  const judged = attempts.map((attempt) => ({ attempt, ...judgeAttempt(attempt, timeline, programmingMs) }));
  const counts = {
    held: held.length,
    echoes: held.reduce((sum, { echoes }) => sum + echoes, 0),
    lost: held.filter(({ lost }) => lost !== undefined).length,
    attempts: attempts.length,
    owed: judged.filter(({ isOwed }) => isOwed).length,
    unanswered: judged.filter(({ attempt, isOwed }) => !isOwed && attempt.outcome !== 'ok').length,
    latestMs: attempts.reduce((latest, attempt) => Math.max(latest, goneForMs(attempt, timeline)), 0),
    repeated: judged.filter(({ attempt, isOwed }) => isOwed && attempt.wasRepeated).length,
  };
  const tooLittle = (['held', 'echoes', 'owed'] as const).filter((what) => counts[what] < atLeast[what]);
  return {
    counts,
    faults: [
      ...held.flatMap(tellLost),
      ...judged.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
      ...tooLittle.map((what) => `too little traffic to say anything: ${what} ${counts[what]} of ${atLeast[what]}`),
    ],
  };
}

/** Pods serve on when they are endpoints no more, so no established connection has a reason to end. */
function tellLost({ target, endpoint, openedMs, echoes, lost }: HeldConnection): readonly string[] {
  if (lost === undefined) return [];
  const age = Math.round(lost.atMs - openedMs);
  return [`lost: ${target} at ${endpoint}, after ${age} ms and ${echoes} words: ${lost.why}`];
}

function judgeAttempt(
  attempt: Attempt,
  timeline: Timeline,
  programmingMs: number,
): { readonly isOwed: boolean; readonly fault?: string } {
  const { target, startMs, endMs, outcome, endpoint } = attempt;
  const now = timeline.between(target, startMs, endMs);
  const { endpoints, always } = timeline.between(target, startMs - programmingMs, endMs);
  if (outcome !== 'ok') {
    return always && now.always
      ? { isOwed: true, fault: `not answered: ${target}, ${outcome} after ${Math.round(endMs - startMs)} ms` }
      : { isOwed: false };
  }
  if (endpoints.has(endpoint)) return { isOwed: always };
  const gone = goneForMs(attempt, timeline);
  const since =
    gone === Number.POSITIVE_INFINITY ? 'which never was an endpoint' : `no endpoint for ${Math.round(gone)} ms`;
  return { isOwed: always, fault: `answered by ${endpoint}, ${since}: ${target}` };
}

/** 0 while it is one, and where nobody answered. */
function goneForMs({ target, startMs, endMs, endpoint }: Attempt, timeline: Timeline): number {
  if (endpoint === '' || timeline.between(target, startMs, endMs).endpoints.has(endpoint)) return 0;
  return timeline.goneForMs(target, endpoint, startMs) ?? Number.POSITIVE_INFINITY;
}
