/** Which Services keep the rules they had, because the kernel refuses their new ones, and until when. */
import type { Snapshot } from '../../core/model/snapshot.ts';
import { type OneService, oneService, sameService } from './hold-back.ts';

/** The Services that are held back. */
export interface Quarantine {
  /** By `namespace/name`. */
  readonly held: Map<string, Held>;
}

interface Held {
  /** The Service as it was refused. Not all of the snapshot that it was in, which would be kept alive for as long. */
  readonly refused: OneService;
  readonly problem: string;
  readonly times: number;
  readonly retryAtMs: number;
}

export function emptyQuarantine(): Quarantine {
  return { held: new Map() };
}

/** A Service that is what was refused before waits twice as long. */
const firstWaitMs = 60_000;
const longestWaitMs = 3_600_000;

/** A Service that the kernel refuses: `key` is `namespace/name`, and `wanted` has it as it was refused. */
export interface RefusedService {
  readonly key: string;
  readonly wanted: Snapshot;
  readonly problem: string;
  readonly nowMs: number;
}

/** Holds a Service back, longer each time that it is refused unchanged. */
export function hold({ held }: Quarantine, { key, wanted, problem, nowMs }: RefusedService): void {
  const before = held.get(key);
  const refused = oneService(wanted, key);
  const times = before !== undefined && sameService(before.refused, refused) ? before.times + 1 : 1;
  const retryAtMs = nowMs + Math.min(longestWaitMs, firstWaitMs * 2 ** (times - 1));
  held.set(key, { refused, problem, times, retryAtMs });
}

/** Services to hold back now: refused as they are in `wanted`, and it is not yet time to try them again. */
export function heldBack({ held }: Quarantine, wanted: Snapshot, nowMs: number): readonly string[] {
  return [...held]
    .filter(([key, { refused, retryAtMs }]) => nowMs < retryAtMs && sameService(refused, oneService(wanted, key)))
    .map(([key]) => key);
}

/** Everything but these was accepted. */
export function releaseOthers({ held }: Quarantine, keys: readonly string[]): void {
  for (const key of [...held.keys()]) if (!keys.includes(key)) held.delete(key);
}

/** When one of them is tried again. */
export function nextRelease({ held }: Quarantine): number | undefined {
  const times = [...held.values()].map(({ retryAtMs }) => retryAtMs);
  return times.length === 0 ? undefined : Math.min(...times);
}
