/**
 * Tells foreign commits from our own. The kernel names the process of a commit by a number that means nothing inside
 * a container, so they are counted: of more commits than our own, some must be foreign. The count does not say which.
 */
import { type Clock, systemClock } from '../../clock.ts';

export interface CommitLedger<C> {
  /** What is seen from here on may be ours. */
  begin(): void;
  /** We made so many commits. The kernel's word of them may be on its way yet. */
  end(commits: number): void;
  /** A commit was seen. If there are too many, `onForeign` is called now, or when it is known. */
  see(commit: C): void;
  /** In how long all our own commits must have been seen, below 0 where one is overdue; undefined where all were. */
  dueInMs(): number | undefined;
  /** Expects word of them no more. */
  writeOff(): void;
  /** Whether what is told now may be of our own commits. */
  isUnderWay(): boolean;
  /** Word of commits was lost, perhaps of our own. Gives those of which it is not known whose they are. */
  forget(): readonly C[];
}

/** How long word of a commit can take; a commit that changed nothing gives none. */
const longestWayMs = 2000;

/** Word that takes longer is suspicious: the program may have said that it did what it did not do. */
const usualWayMs = 1000;

/**
 * `onForeign` is given all commits that may be the foreign one: those of this time that were taken for ours are among
 * them.
 */
export function commitLedger<C>(
  onForeign: (commits: readonly C[]) => void,
  { nowMs }: Pick<Clock, 'nowMs'> = systemClock,
): CommitLedger<C> {
  let underWay = 0;
  let expected = 0;
  let expectedUntil = 0;
  /** When word of all our own commits should have been here; moves on only once it is. */
  let dueAt = Number.POSITIVE_INFINITY;
  let begunAt = 0;
  let unjudged: C[] = [];
  let takenForOurs: C[] = [];
  const judge = (commit: C): void => {
    if (nowMs() > expectedUntil) {
      expected = 0;
      takenForOurs = [];
    }
    takenForOurs.push(commit);
    if (expected > 0) {
      expected -= 1;
      if (expected === 0) dueAt = Number.POSITIVE_INFINITY;
      return;
    }
    const suspects = takenForOurs;
    takenForOurs = [];
    onForeign(suspects);
  };
  return {
    begin() {
      if (underWay === 0) begunAt = nowMs();
      underWay += 1;
    },
    end(commits) {
      underWay -= 1;
      expected = (nowMs() > expectedUntil ? 0 : expected) + commits;
      expectedUntil = nowMs() + longestWayMs;
      // There is more to tell of a commit that took longer to make.
      const tookMs = nowMs() - begunAt;
      if (expected > 0 && dueAt === Number.POSITIVE_INFINITY) dueAt = nowMs() + usualWayMs + tookMs;
      if (underWay > 0) return;
      const seen = unjudged;
      unjudged = [];
      for (const commit of seen) judge(commit);
    },
    see(commit) {
      if (underWay > 0) unjudged.push(commit);
      else judge(commit);
    },
    dueInMs() {
      if (dueAt === Number.POSITIVE_INFINITY) return undefined;
      return underWay > 0 ? usualWayMs : dueAt - nowMs();
    },
    writeOff() {
      expected = 0;
      dueAt = Number.POSITIVE_INFINITY;
    },
    isUnderWay: () => underWay > 0 || (expected > 0 && nowMs() <= expectedUntil),
    forget() {
      const unknown = [...unjudged, ...takenForOurs];
      expected = 0;
      dueAt = Number.POSITIVE_INFINITY;
      unjudged = [];
      takenForOurs = [];
      return unknown;
    },
  };
}
