/**
 * The sync loop: wait for a reason, take up what was recorded, make the kernel follow, report. One turn at a time;
 * whatever happens meanwhile is recorded and is the next turn's. Everything it needs of the world is given to it.
 */

import type { Clock } from '../clock.ts';
import { createCompiler } from '../core/compiler.ts';
import type { NodeConfig } from '../core/model/config.ts';
import type { Snapshot } from '../core/model/snapshot.ts';
import { emptySnapshot, reduce } from '../core/snapshot/snapshot.ts';
import type { ObjectKind, SourceProgress } from '../core/snapshot/source.ts';
import type { Kernel } from '../host/kernel.ts';
import type { SyncCause, SyncReport } from '../observe/sync-report.ts';
import { backOffMs, type Due, type LastTurn, type LoopState, nextDue, nextLookMs, type Pace } from './due.ts';
import { type Family, type FamilyTurn, type FamilyTurnOptions, newFamily, turnFamily } from './family.ts';
import { type Batch, type Inbox, maxTriggers } from './inbox.ts';
import { messageOf, nothingProgrammed, type Programmed } from './programming.ts';
import { nextRelease } from './refused/quarantine.ts';
import { makeReport, type SettledTurn } from './report.ts';

/** What the loop needs from outside. */
export interface LoopOptions extends Pace {
  readonly config: NodeConfig;
  /** One for each IP family. */
  readonly kernels: readonly Kernel[];
  /** Nothing is programmed before all objects of these kinds are known. */
  readonly kinds: readonly ObjectKind[];
  readonly clock: Clock;
  /** What sources have said. */
  readonly inbox: Inbox;
  /** After each turn, before the next. What it throws is told as progress, and costs no turn. */
  readonly onTurn: (report: SyncReport, standing: Standing) => void;
  readonly onProgress: (progress: SourceProgress) => void;
}

/** What is known, and what stands in the kernel. */
export interface Standing {
  readonly snapshot: Snapshot;
  readonly families: readonly Readonly<Programmed>[];
}

/** The running loop. */
export interface SyncLoop {
  readonly standing: () => Standing;
  /** When the oldest change was recorded that is not in the kernel yet, by the clock's `nowMs`. */
  readonly behindSinceMs: () => number | undefined;
  /** Turns until it is stopped. Rejects only for bugs of ours. */
  run(): Promise<void>;
  /** A transaction under way is finished; no other begins. */
  stop(): void;
}

interface SyncState {
  snapshot: Snapshot;
  readonly families: readonly Family[];
  turns: number;
  last: LastTurn | undefined;
  /** When the oldest change that the turn under way is about was recorded. */
  takenSinceMs: number | undefined;
  suspectedAtMs: number | undefined;
  /** Maps were last looked into at this time. */
  thoroughAtMs: number;
  isStopping: boolean;
}

/** Only commits change maps, and commits are watched: this is for what the watch cannot see. */
const thoroughPeriodMs = 3_600_000;

export function createLoop(options: LoopOptions): SyncLoop {
  const { clock, config, kernels, kinds, inbox, onProgress } = options;
  const state: SyncState = {
    snapshot: emptySnapshot,
    families: kernels.map((kernel) => newFamily(nothingProgrammed(kernel), createCompiler(config, kernel.family))),
    turns: 0,
    last: undefined,
    takenSinceMs: undefined,
    suspectedAtMs: undefined,
    thoroughAtMs: clock.nowMs(),
    isStopping: false,
  };
  let wake = (): void => undefined;
  inbox.onNews(() => wake());
  const due = (): Due | undefined => nextDue(loopState(state, inbox.waiting().sinceMs, inbox.missing(kinds)), options);
  const sleep = (): Promise<void> =>
    new Promise((resolve) => {
      const next = due();
      const cancel =
        next === undefined ? () => undefined : clock.after(Math.max(0, next.atMs - clock.nowMs()), () => wake());
      wake = () => {
        wake = () => undefined;
        cancel();
        resolve();
      };
    });
  const suspect = (why: string): void => {
    state.suspectedAtMs ??= clock.nowMs();
    onProgress({ severity: 'debug', message: `checking the rules in the kernel: ${why}` });
    wake();
  };
  return {
    standing: () => standingOf(state),
    behindSinceMs: () =>
      earliest([inbox.waiting().sinceMs, state.takenSinceMs, ...state.families.map((each) => each.behindSinceMs)]),
    async run() {
      const watching = new AbortController();
      try {
        for (const kernel of kernels) kernel.watch(suspect, watching.signal);
        while (!state.isStopping) {
          const next = due();
          if (next === undefined || next.atMs > clock.nowMs()) await sleep();
          else await turn(state, { options, batch: inbox.take(), cause: next.cause, found: inbox.diagnostics() });
        }
      } finally {
        watching.abort();
      }
    },
    stop() {
      state.isStopping = true;
      wake();
    },
  };
}

function loopState(state: SyncState, changedAtMs: number | undefined, missing: readonly ObjectKind[]): LoopState {
  // A family that fails tries its Services in quarantine too, when it is time for all of it.
  const retries = state.families.map(({ retryAtMs, quarantine }) => retryAtMs ?? nextRelease(quarantine));
  return {
    isSynced: missing.length === 0,
    last: state.last,
    changedAtMs,
    suspectedAtMs: state.suspectedAtMs,
    retryAtMs: earliest(retries),
  };
}

interface TurnOptions {
  readonly options: LoopOptions;
  readonly batch: Batch;
  readonly cause: SyncCause;
  /** Diagnostics of objects that could not be read. */
  readonly found: SyncReport['diagnostics'];
}

async function turn(state: SyncState, { options, batch, cause, found }: TurnOptions): Promise<void> {
  const { clock } = options;
  const [startedAtMs, startedAtWallMs] = [clock.nowMs(), clock.wallMs()];
  state.takenSinceMs = earliest([batch.queuedAtMs, ...state.families.map(({ behindSinceMs }) => behindSinceMs)]);
  if (batch.events.length > 0) state.snapshot = reduce(state.snapshot, batch.events);
  const check = takeSuspicion(state, cause, startedAtMs);
  const isStopping = (): boolean => state.isStopping;
  const turns: SettledTurn[] = [];
  // One after the other: the kernel commits one transaction at a time, and iptables has one lock for both families.
  for (const family of state.families) {
    const done = await turnFamily(family, state.snapshot, { clock, check, isStopping });
    // What is left undone now is the next process's, which begins with what stands.
    if (state.isStopping && done.problem !== undefined) break;
    turns.push(settle(family, done, batch, clock));
  }
  state.turns += 1;
  state.takenSinceMs = undefined;
  const spent = timeSpent(turns);
  // A first load takes seconds, once: a change that comes after it need not wait for as long.
  const isFirstLoad = cause === 'start' && turns.every(({ problem }) => problem === undefined);
  state.last = { startedAtMs, endedAtMs: clock.nowMs(), ...spent, ...(isFirstLoad ? { applyMs: 0 } : {}) };
  const what = { number: state.turns, cause, startedAtMs: startedAtWallMs, batch, turns, found };
  tell(options, makeReport(what, state), standingOf(state));
}

function timeSpent(turns: readonly FamilyTurn[]): Pick<LastTurn, 'applyMs' | 'lookMs'> {
  let [applyMs, lookMs] = [0, 0];
  for (const { timings } of turns) {
    applyMs += timings.readMs + timings.applyMs - timings.lockWaitMs;
    lookMs += timings.lookMs;
  }
  return { applyMs, lookMs };
}

/** A follower that throws costs no turn: the rules stand already. */
function tell({ onTurn, onProgress }: LoopOptions, report: SyncReport, standing: Standing): void {
  try {
    onTurn(report, standing);
  } catch (error) {
    onProgress({ severity: 'error', message: `a bug of rulewright, after sync ${report.number}: ${messageOf(error)}` });
  }
}

/** How thoroughly to look for drift now. Clears the suspicion that it acts on. */
function takeSuspicion(state: SyncState, cause: SyncCause, nowMs: number): FamilyTurnOptions['check'] {
  const isSuspected = state.suspectedAtMs !== undefined && nextLookMs(state.last) <= nowMs;
  if (isSuspected) state.suspectedAtMs = undefined;
  if (cause !== 'period') return isSuspected ? 'cheap' : 'none';
  if (nowMs - state.thoroughAtMs < thoroughPeriodMs) return 'cheap';
  state.thoroughAtMs = nowMs;
  return 'thorough';
}

/** Notes the result of a turn; returns it with the trigger times of all changes that reached the kernel with it. */
function settle(family: Family, done: FamilyTurn, batch: Batch, clock: Clock): SettledTurn {
  const triggeredAtMs = [...family.triggeredAtMs, ...batch.triggeredAtMs].slice(0, maxTriggers);
  if (done.problem === undefined) {
    family.failures = 0;
    family.retryAtMs = undefined;
    family.behindSinceMs = undefined;
    family.triggeredAtMs = [];
    return { ...done, triggeredAtMs };
  }
  family.failures += 1;
  family.retryAtMs = clock.nowMs() + backOffMs(family.failures);
  family.behindSinceMs ??= batch.queuedAtMs ?? clock.nowMs();
  family.triggeredAtMs = triggeredAtMs;
  return { ...done, triggeredAtMs: [] };
}

function standingOf({ snapshot, families }: SyncState): Standing {
  return { snapshot, families: families.map(({ programmed }) => programmed) };
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
