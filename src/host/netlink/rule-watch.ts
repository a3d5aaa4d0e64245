/** When to ask whether rules drifted: at once where the kernel tells of changes, now and then where it does not. */
import { asciiOnly } from '../../core/structures/safe-text.ts';
import { type CommitLedger, commitLedger } from './commit-ledger.ts';
import type { NetlinkChange, RuleCommit } from './decoder.ts';
import type { RuleEvents } from './listener.ts';

export interface RuleWatch {
  /** Where own commits are counted. */
  readonly ledger: Pick<CommitLedger<RuleCommit>, 'begin' | 'end'>;
  watch(onSuspicion: (why: string) => void, signal: AbortSignal): void;
}

export interface RuleWatchOptions {
  /** Undefined: the kernel does not tell. */
  readonly events: RuleEvents | undefined;
  /** Whether a change is to a table that our own commits change too. */
  readonly isInOurTable: (change: NetlinkChange) => boolean;
  /** Whether a change may take away what is ours, or add to it. */
  readonly isSuspicious: (change: NetlinkChange) => boolean;
  /** Called before `onSuspicion`: the suspicious changes that may be foreign. */
  readonly onForeign?: (changes: readonly NetlinkChange[]) => void;
  /** Called before `onSuspicion`: it is not known what changed; during `ownLoad`, perhaps only what we did. */
  readonly onMissed?: (when: 'start' | 'gap' | 'ownLoad') => void;
  /** How long to wait between two looks while the kernel tells of no changes. */
  readonly pollMs: () => number;
}

/** Suspicions that come sooner after another are reported as one. */
const closestMs = 200;

export function ruleWatch(options: RuleWatchOptions): RuleWatch {
  const { events, isInOurTable, isSuspicious, onForeign, onMissed, pollMs } = options;
  let suspect = (_why: string): void => undefined;
  const takeForForeign = (commits: readonly RuleCommit[]): void => {
    const changes = commits.flatMap((commit) => commit.changes).filter(isSuspicious);
    if (changes.length === 0) return;
    onForeign?.(changes);
    suspect(`${asciiOnly(commits.at(-1)?.program ?? '')} changed rules`);
  };
  const ledger = commitLedger<RuleCommit>(takeForForeign, { nowMs: () => performance.now() });
  let isTold = false;
  let timer: NodeJS.Timeout | undefined;
  /** A program that says that it has done what it has not done is not noticed otherwise. */
  const expectWord = (): void => {
    const dueInMs = isTold ? ledger.dueInMs() : undefined;
    if (dueInMs === undefined || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      if ((ledger.dueInMs() ?? 0) >= 0) return expectWord();
      ledger.writeOff();
      onMissed?.('gap');
      suspect('the kernel has not told of a transaction that was said to have been applied');
    }, dueInMs + 1);
  };
  return {
    ledger: {
      begin: ledger.begin,
      end(commits) {
        ledger.end(commits);
        expectWord();
      },
    },
    watch(onSuspicion, signal) {
      suspect = spaced(onSuspicion, signal);
      signal.addEventListener('abort', () => clearTimeout(timer));
      const poll = poller(suspect, pollMs, signal);
      if (events === undefined) {
        poll.start('nobody tells of changes to these tables');
        return;
      }
      const listener = {
        onCommit(commit: RuleCommit) {
          if (commit.changes.some(isInOurTable)) ledger.see(commit);
        },
        onMissed(when: 'start' | 'gap') {
          isTold = true;
          poll.stop();
          // A load of a large cluster is too much to tell: then it is our own changes that are missing.
          onMissed?.(when === 'gap' && ledger.isUnderWay() ? 'ownLoad' : when);
          onForeign?.(ledger.forget().flatMap(({ changes }) => changes.filter(isSuspicious)));
          suspect(when === 'start' ? 'changes are told from now on' : 'word of changes was lost');
        },
        onDeaf(why: string) {
          isTold = false;
          poll.start(`changes are not told: ${asciiOnly(why)}`);
        },
      };
      events.subscribe(listener, signal);
    },
  };
}

/** Reports the first at once, and those that follow closely together when their time has come. */
function spaced(report: (why: string) => void, signal: AbortSignal): (why: string) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  signal.addEventListener('abort', () => clearTimeout(timer));
  const tell = (why: string): void => {
    timer = undefined;
    reportedAt = performance.now();
    report(why);
  };
  return (why) => {
    if (timer !== undefined || signal.aborted) return;
    const waitMs = reportedAt + closestMs - performance.now();
    if (waitMs <= 0) tell(why);
    else timer = setTimeout(tell, waitMs, why);
  };
}

interface Poller {
  start(why: string): void;
  stop(): void;
}

function poller(suspect: (why: string) => void, pollMs: () => number, signal: AbortSignal): Poller {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  const wait = (why: string): void => {
    timer = setTimeout(() => {
      suspect(why);
      wait(why);
    }, pollMs());
  };
  signal.addEventListener('abort', stop);
  return {
    start(why) {
      stop();
      if (!signal.aborted) wait(why);
    },
    stop,
  };
}
