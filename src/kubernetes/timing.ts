/** How long a wait may last, and what is said when it is over. */
export interface Patience {
  readonly ms: number;
  readonly problem: string;
}

/** How long this room is patient, in milliseconds unless the name says otherwise. */
export interface Timing {
  /** From the start of a request, connecting included, to the first line of its answer. */
  readonly answerMs: number;
  /** Between two pieces of a list, or two of the objects at the beginning of a watch. */
  readonly quietMs: number;
  /** For a whole answer that is no watch, such as a page of a list, however it drips. */
  readonly wholeMs: number;
  /** How long the server is asked to keep a watch open: something between these, so that nodes return one by one. */
  readonly watchSeconds: { readonly min: number; readonly max: number };
  /** A server that sends bookmarks does so every minute; one that misses this many minutes has been lost. */
  readonly quietAfterBookmarkMs: number;
  /** A server ends the watch itself; when it is this late it has been lost, or something between keeps it alive. */
  readonly lateMs: number;
  /** A watch that ends sooner, and empty, is a failure: to ask again at once would be a loop. */
  readonly shortWatchMs: number;
  /** A watch that lasted this long says that all is well again. */
  readonly steadyMs: number;
  /** Waits between tries grow from the first to the longest. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** When an API that the server lacks, or does not let us read, is tried again. */
  readonly lookAgainMs: number;
}

/** client-go watches for 5 to 10 minutes and waits up to 30 s between tries. */
export const defaultTiming: Timing = {
  answerMs: 30_000,
  quietMs: 30_000,
  wholeMs: 300_000,
  watchSeconds: { min: 300, max: 600 },
  quietAfterBookmarkMs: 180_000,
  lateMs: 15_000,
  shortWatchMs: 1000,
  steadyMs: 10_000,
  firstRetryMs: 500,
  longestRetryMs: 30_000,
  lookAgainMs: 300_000,
};

/** `0.3 s`, `12 s`, `5 min`. */
export function durationText(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 99_500 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
