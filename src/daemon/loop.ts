/**
 * The sync loop: wait for a reason, take up what was recorded, make the kernel follow, report. One turn at a time;
 * whatever happens meanwhile is recorded and is the next turn's. Everything it needs of the world is given to it.
 */
import type { NodeConfig } from '../core/model/config.ts';
import type { Snapshot } from '../core/model/snapshot.ts';
import { emptySnapshot, reduce } from '../core/snapshot/snapshot.ts';
import type { ObjectKind, SourceProgress, SourceSink } from '../core/snapshot/source.ts';
import type { Kernel } from '../host/kernel.ts';
import type { SyncCause, SyncReport } from '../observe/sync-report.ts';
import type { Clock } from './clock.ts';
import { backOffMs, type Due, type LoopState, nextDue, type Pace } from './due.ts';
import { type Family, type FamilyTurn, type FamilyTurnOptions, newFamily, turnFamily } from './family.ts';
import { type Batch, createInbox } from './inbox.ts';
import { nothingProgrammed, type Programmed } from './programming.ts';
import { nextRelease } from './quarantine.ts';
import { makeReport } from './report.ts';

export interface LoopOptions extends Pace {
  readonly config: NodeConfig;
  /** One for each IP family. */
  readonly kernels: readonly Kernel[];
  /** Nothing is programmed before all objects of these kinds are known. */
  readonly kinds: readonly ObjectKind[];
  readonly clock: Clock;
  /** After each turn, before the next. Must not throw. */
  readonly onTurn: (report: SyncReport, standing: Standing) => void;
  readonly onProgress: (progress: SourceProgress) => void;
}

/** What is known, and what stands in the kernel. */
export interface Standing {
  readonly snapshot: Snapshot;
  readonly families: readonly Readonly<Programmed>[];
}

export interface SyncLoop {
  /** For sources: whatever they say is taken up by a turn soon. */
  readonly sink: SourceSink;
  readonly standing: () => Standing;
  /** When the oldest change was recorded that is not in the kernel yet, by the clock's `nowMs`. */
  readonly behindSinceMs: () => number | undefined;
  /** Turns until it is stopped. Rejects only for bugs of ours. */
  run(): Promise<void>;
  /** A transaction under way is finished; no other begins. */
  stop(): void;
}

interface State {
  snapshot: Snapshot;
  readonly families: readonly Family[];
  turns: number;
  last: LoopState['last'];
  suspectedAtMs: number | undefined;
  /** Maps were last looked into at this time. */
  thoroughAtMs: number;
  /** `last-change-trigger-time` of changes that a family has not got yet. */
  unprogrammed: readonly number[];
  isStopping: boolean;
}

/** Nobody but a commit changes maps, and commits are watched: this is for what no watch can see. */
const thoroughPeriodMs = 3_600_000;

export function createLoop(options: LoopOptions): SyncLoop {
  const { clock, kernels, kinds, onProgress } = options;
  const state: State = {
    snapshot: emptySnapshot,
    families: kernels.map((kernel) => newFamily(nothingProgrammed(kernel))),
    turns: 0,
    last: undefined,
    suspectedAtMs: undefined,
    thoroughAtMs: clock.nowMs(),
    unprogrammed: [],
    isStopping: false,
  };
  let wake = (): void => undefined;
  const inbox = createInbox({ clock, onNews: () => wake(), onProgress });
  const due = (): Due | undefined => nextDue(loopState(state, inbox.waitingSinceMs(), inbox.missing(kinds)), options);
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
    onProgress({ severity: 'debug', message: `looking whether our rules still stand: ${why}` });
    wake();
  };
  return {
    sink: inbox.sink,
    standing: () => standingOf(state),
    behindSinceMs: () => earliest([inbox.waitingSinceMs(), ...state.families.map((each) => each.behindSinceMs)]),
    async run() {
      const watching = new AbortController();
      for (const kernel of kernels) kernel.watch(suspect, watching.signal);
      while (!state.isStopping) {
        const next = due();
        if (next === undefined || next.atMs > clock.nowMs()) await sleep();
        else await turn(state, { options, batch: inbox.take(), cause: next.cause, found: inbox.diagnostics() });
      }
      watching.abort();
    },
    stop() {
      state.isStopping = true;
      wake();
    },
  };
}

function loopState(state: State, changedAtMs: number | undefined, missing: readonly ObjectKind[]): LoopState {
  const retries = state.families.flatMap(({ retryAtMs, quarantine }) => [retryAtMs, nextRelease(quarantine)]);
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

async function turn(state: State, { options, batch, cause, found }: TurnOptions): Promise<void> {
  const { clock, config } = options;
  const [startedAtMs, startedAtWallMs] = [clock.nowMs(), clock.wallMs()];
  state.snapshot = batch.events.length === 0 ? state.snapshot : reduce(state.snapshot, batch.events);
  const check = checkOf(state, cause, startedAtMs);
  const isStopping = (): boolean => state.isStopping;
  const turns: FamilyTurn[] = [];
  // One after the other: the kernel commits one transaction at a time, and iptables has one lock for both families.
  for (const family of state.families) {
    if (state.isStopping) return;
    const done = await turnFamily(family, state.snapshot, { config, clock, check, isStopping });
    settle(family, done, batch.queuedAtMs, clock);
    turns.push(done);
  }
  state.turns += 1;
  const applyMs = turns.reduce((sum, { timings }) => sum + timings.applyMs, 0);
  state.last = { startedAtMs, endedAtMs: clock.nowMs(), applyMs };
  const triggeredAtMs = [...state.unprogrammed, ...batch.triggeredAtMs];
  state.unprogrammed = turns.some(({ problem }) => problem !== undefined) ? triggeredAtMs : [];
  const what = { number: state.turns, cause, startedAtMs: startedAtWallMs, triggeredAtMs };
  const report = makeReport({ ...what, batch, turns, found }, state);
  options.onTurn(report, standingOf(state));
}

/** Takes the suspicion up that there may be. */
function checkOf(state: State, cause: SyncCause, nowMs: number): FamilyTurnOptions['check'] {
  const isSuspected = state.suspectedAtMs !== undefined;
  state.suspectedAtMs = undefined;
  if (!isSuspected && cause !== 'period') return 'none';
  if (!isSuspected && nowMs - state.thoroughAtMs < thoroughPeriodMs) return 'cheap';
  state.thoroughAtMs = nowMs;
  return 'thorough';
}

function settle(family: Family, { problem }: FamilyTurn, queuedAtMs: number | undefined, clock: Clock): void {
  if (problem === undefined) {
    family.failures = 0;
    family.retryAtMs = undefined;
    family.behindSinceMs = undefined;
    return;
  }
  family.failures += 1;
  family.retryAtMs = clock.nowMs() + backOffMs(family.failures);
  family.behindSinceMs ??= queuedAtMs ?? clock.nowMs();
}

function standingOf({ snapshot, families }: State): Standing {
  return { snapshot, families: families.map(({ programmed }) => programmed) };
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
