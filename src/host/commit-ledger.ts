/**
 * Tells commits of others from our own. The kernel names the process of a commit by a number that means nothing inside
 * a container, so they are counted: whatever is more than our own must be somebody else's.
 */
export interface CommitLedger {
  /** What is seen from here on may be ours. */
  begin(): void;
  /** We made so many commits. The kernel's word of them may be on its way yet. */
  end(commits: number): void;
  /** A commit was seen. `onForeign` is called, now or when it is known, if it is not ours. */
  see(onForeign: () => void): void;
  /** Whether what is told now may be of our own commits. */
  isUnderWay(): boolean;
  /** Word of commits was lost, perhaps of our own. */
  forget(): void;
}

/** How long word of a commit can take; a commit that changed nothing gives none. */
const longestWayMs = 2000;

/** `now` in milliseconds. */
export function commitLedger(now: () => number = () => performance.now()): CommitLedger {
  let underWay = 0;
  let expected = 0;
  let expectedUntil = 0;
  let unjudged: (() => void)[] = [];
  const judge = (onForeign: () => void): void => {
    if (now() > expectedUntil) expected = 0;
    if (expected === 0) onForeign();
    else expected -= 1;
  };
  return {
    begin() {
      underWay += 1;
    },
    end(commits) {
      underWay -= 1;
      expected = (now() > expectedUntil ? 0 : expected) + commits;
      expectedUntil = now() + longestWayMs;
      if (underWay > 0) return;
      const seen = unjudged;
      unjudged = [];
      for (const onForeign of seen) judge(onForeign);
    },
    see(onForeign) {
      if (underWay > 0) unjudged.push(onForeign);
      else judge(onForeign);
    },
    isUnderWay: () => underWay > 0 || (expected > 0 && now() <= expectedUntil),
    forget() {
      expected = 0;
      unjudged = [];
    },
  };
}
