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
  /** Whether what is told now may be of our own commits. */
  isUnderWay(): boolean;
  /** Word of commits was lost, perhaps of our own. Gives those of which it is not known whose they are. */
  forget(): readonly C[];
}

/** How long word of a commit can take; a commit that changed nothing gives none. */
const longestWayMs = 2000;

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
      return;
    }
    const suspects = takenForOurs;
    takenForOurs = [];
    onForeign(suspects);
  };
  return {
    begin() {
      underWay += 1;
    },
    end(commits) {
      underWay -= 1;
      expected = (nowMs() > expectedUntil ? 0 : expected) + commits;
      expectedUntil = nowMs() + longestWayMs;
      if (underWay > 0) return;
      const seen = unjudged;
      unjudged = [];
      for (const commit of seen) judge(commit);
    },
    see(commit) {
      if (underWay > 0) unjudged.push(commit);
      else judge(commit);
    },
    isUnderWay: () => underWay > 0 || (expected > 0 && nowMs() <= expectedUntil),
    forget() {
      const unknown = [...unjudged, ...takenForOurs];
      expected = 0;
      unjudged = [];
      takenForOurs = [];
      return unknown;
    },
  };
}
