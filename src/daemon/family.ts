/**
 * One family's part of a turn. When it fails, the rules that stood before still stand:
 *
 * 1. The base may be wrong: the kernel is read, and the difference is sent once more.
 * 2. The kernel refuses the rules all the same: the Services that changed are halved until the bad one is found. It is
 *    held back with the rules it had, with a diagnostic; all other Services are programmed.
 * 3. Any other failure is tried again later.
 */
import type { Compiler } from '../core/compiler.ts';
import type { Diagnostic } from '../core/diagnostics.ts';
import type { Snapshot } from '../core/model/snapshot.ts';
import type { RulesChange } from '../core/rules.ts';
import { withServicesOf } from '../core/snapshot/snapshot.ts';
import { type AttemptOptions, attempt, type Programmed, type Timings } from './programming.ts';
import { emptyQuarantine, heldBack, type Quarantine, releaseOthers } from './refused/quarantine.ts';
import { isRefusal, mayBeBase, type SearchResult, searchRefused } from './refused/search.ts';

/** What the loop remembers of one IP family. */
export interface Family {
  readonly programmed: Programmed;
  /** The only one for this family: it remembers what it compiled at the last turn. */
  readonly compiler: Compiler;
  readonly quarantine: Quarantine;
  /** Turns in a row that failed. */
  failures: number;
  retryAtMs: number | undefined;
  /** When the oldest change was recorded that is not in the kernel. */
  behindSinceMs: number | undefined;
  /** `last-change-trigger-time` of changes that are not in the kernel, the first ones. */
  triggeredAtMs: readonly number[];
  /** What the compiler said of what stands. */
  diagnostics: readonly Diagnostic[];
}

/** A family of which nothing is known yet. */
export function newFamily(programmed: Programmed, compiler: Compiler): Family {
  const quarantine = emptyQuarantine();
  const nothing = { failures: 0, retryAtMs: undefined, behindSinceMs: undefined };
  return { programmed, compiler, quarantine, ...nothing, triggeredAtMs: [], diagnostics: [] };
}

/** What one family's part of a turn did. */
export interface FamilyTurn {
  /** Undefined when everything is in the kernel, except for the Services that are held back. */
  readonly problem: string | undefined;
  /** What was sent, in this order; empty when nothing had to be. */
  readonly sent: readonly RulesChange[];
  readonly timings: Timings;
  readonly lost: readonly string[];
  /** All that are held back. */
  readonly quarantined: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface FamilyTurnOptions extends Pick<AttemptOptions, 'clock' | 'isStopping'> {
  /** Ask first whether the rules still stand: `thorough` looks at everything. */
  readonly check: 'none' | 'cheap' | 'thorough';
}

/** Never rejects. */
export async function turnFamily(
  family: Family,
  snapshot: Snapshot,
  { check, ...given }: FamilyTurnOptions,
): Promise<FamilyTurn> {
  const { programmed, compiler, quarantine } = family;
  const timings: Timings = { compileMs: 0, diffMs: 0, applyMs: 0, lockWaitMs: 0, readMs: 0, lookMs: 0 };
  const options: AttemptOptions = { ...given, compiler, timings, lost: [] };
  if (check !== 'none') await look(programmed, check === 'thorough', options);
  const keys = heldBack(quarantine, snapshot, given.clock.nowMs());
  const wanted = withServicesOf(snapshot, programmed.snapshot, keys);
  let first = await attempt(programmed, wanted, options);
  if (first.kind === 'failed' && !first.wasFresh && mayBeBase(first)) {
    programmed.base = undefined;
    first = await attempt(programmed, wanted, options);
  }
  const { last, sent, refused }: SearchResult =
    first.kind === 'failed' && isRefusal(first)
      ? await searchRefused({ ...options, programmed, quarantine, wanted, snapshot }, first)
      : { last: first, sent: first.kind === 'done' ? [first] : [], refused: [] };
  if (last.kind === 'done') {
    releaseOthers(quarantine, [...keys, ...refused]);
    family.diagnostics = last.diagnostics;
  }
  const quarantined = [...quarantine.held.keys()].sort();
  return {
    problem: last.kind === 'failed' ? last.problem : undefined,
    sent: sent.map(({ change }) => change).filter(({ text }) => text !== ''),
    timings,
    lost: options.lost,
    quarantined,
    diagnostics: [
      ...family.diagnostics,
      ...quarantined.map((key) => heldDiagnostic(key, quarantine.held.get(key)?.problem ?? '')),
    ],
  };
}

/** Notes drift: rules that are missing from the kernel, and what is there instead. */
async function look(programmed: Programmed, thorough: boolean, options: AttemptOptions): Promise<void> {
  const { kernel, base } = programmed;
  if (base?.rules === undefined) return;
  const startedAtMs = options.clock.nowMs();
  try {
    const { lost, standing } = await kernel.findDrift(base.rules, thorough);
    if (lost.length === 0) return;
    for (const line of lost) options.lost.push(line);
    programmed.base = { rules: standing(), wasRead: true };
  } catch {
    // The read of the kernel that follows fails for the same reason, and reports it.
    programmed.base = undefined;
  } finally {
    options.timings.lookMs += options.clock.nowMs() - startedAtMs;
  }
}

function heldDiagnostic(key: string, problem: string): Diagnostic {
  const slash = key.indexOf('/');
  return {
    code: 'service-quarantined',
    severity: 'error',
    object: { kind: 'Service', namespace: key.slice(0, slash), name: key.slice(slash + 1) },
    field: '',
    problem: `the kernel refuses its rules (${problem}), so its earlier rules stay; other Services are not affected`,
    remedy:
      'report this with the Service and its EndpointSlices; it is retried when it changes, and every 1 to 60 minutes',
  };
}
