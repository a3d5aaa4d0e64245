/**
 * One family's part of a turn. However it ends, what stood goes on standing:
 *
 * 1. a failure that may come of a wrong idea of what stands: the kernel is read, and the difference is sent once more;
 * 2. rules that the kernel refuses all the same: the Services that changed are halved until the one is found that it is
 *    about. That one is held back as it was, with a diagnostic; all others are programmed;
 * 3. anything else is tried again later.
 */
import type { Diagnostic } from '../core/diagnostics.ts';
import type { Snapshot } from '../core/model/snapshot.ts';
import type { RulesChange } from '../core/rules.ts';
import { KernelError } from '../host/kernel.ts';
import { changedServices, holdBack, isSameSurrounding, withServicesOf } from './hold-back.ts';
import { type Attempt, type AttemptOptions, attempt, type Programmed, type Timings } from './programming.ts';
import { emptyQuarantine, heldBack, hold, type Quarantine, releaseOthers } from './quarantine.ts';

export interface Family {
  readonly programmed: Programmed;
  readonly quarantine: Quarantine;
  /** Turns in a row that failed. */
  failures: number;
  retryAtMs: number | undefined;
  /** When the oldest change was recorded that is not in the kernel. */
  behindSinceMs: number | undefined;
  /** What the compiler said of what stands. */
  diagnostics: readonly Diagnostic[];
}

export function newFamily(programmed: Programmed): Family {
  const quarantine = emptyQuarantine();
  return { programmed, quarantine, failures: 0, retryAtMs: undefined, behindSinceMs: undefined, diagnostics: [] };
}

export interface FamilyTurn {
  /** Undefined when everything but what is held back stands. */
  readonly problem: string | undefined;
  /** What was sent, in this order; empty when nothing had to be. */
  readonly sent: readonly RulesChange[];
  readonly timings: Timings;
  readonly lost: readonly string[];
  readonly quarantined: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface FamilyTurnOptions extends Omit<AttemptOptions, 'timings'> {
  /** Ask first whether the rules still stand: `thorough` looks into maps too. */
  readonly check: 'none' | 'cheap' | 'thorough';
  /** Whether to stop at the next point where nothing is under way. */
  readonly isStopping: () => boolean;
}

/** Never rejects, but for bugs of ours. */
export async function turnFamily(
  family: Family,
  snapshot: Snapshot,
  { config, clock, check, isStopping }: FamilyTurnOptions,
): Promise<FamilyTurn> {
  const timings: Timings = { compileMs: 0, diffMs: 0, applyMs: 0, lockWaitMs: 0 };
  const options = { config, clock, timings };
  const lost = check === 'none' ? [] : await findLost(family.programmed, check === 'thorough');
  const keys = heldBack(family.quarantine, snapshot, clock.nowMs());
  const wanted = holdBack(snapshot, family.programmed.snapshot, keys);
  let last = await attempt(family.programmed, wanted, options);
  if (last.kind === 'failed' && !last.wasFresh && mayBeBase(last) && !isStopping()) {
    family.programmed.base = undefined;
    last = await attempt(family.programmed, wanted, options);
  }
  const search: Search = { family, wanted, snapshot, options, isStopping, sent: [], refused: [], triesLeft: maxTries };
  if (last.kind === 'done') search.sent.push(last);
  else if (isRefusal(last) && !isStopping()) last = await searchRefused(search, last);
  const quarantined = [...keys, ...search.refused].sort();
  if (last.kind === 'done') {
    releaseOthers(family.quarantine, quarantined);
    family.diagnostics = last.diagnostics;
  }
  return {
    problem: last.kind === 'failed' ? last.problem : undefined,
    sent: search.sent.map(({ change }) => change).filter(({ text }) => text !== ''),
    timings,
    lost,
    quarantined,
    diagnostics: [
      ...family.diagnostics,
      ...quarantined.map((key) => heldDiagnostic(key, family.quarantine.held.get(key)?.problem ?? '')),
    ],
  };
}

/** What is gone from the kernel. Then what stands has to be read before anything is compared with it. */
async function findLost(programmed: Programmed, thorough: boolean): Promise<readonly string[]> {
  if (programmed.base?.rules === undefined) return [];
  try {
    const lost = await programmed.kernel.findDrift(programmed.base.rules, thorough);
    if (lost.length > 0) programmed.base = undefined;
    return lost;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    // Who cannot be asked now may have changed meanwhile.
    programmed.base = undefined;
    return [];
  }
}

type Failure = Extract<Attempt, { kind: 'failed' }>;
type Success = Extract<Attempt, { kind: 'done' }>;

function mayBeBase({ reason }: Failure): boolean {
  return reason === 'base' || reason === 'refused';
}

/** Whether it is about what was asked for, so that asking for less may help. */
function isRefusal({ reason }: Failure): boolean {
  return reason === 'base' || reason === 'refused' || reason === 'bug';
}

interface Search {
  readonly family: Family;
  /** Without what was held back already. */
  readonly wanted: Snapshot;
  readonly snapshot: Snapshot;
  readonly options: AttemptOptions;
  readonly isStopping: () => boolean;
  readonly sent: Success[];
  readonly refused: string[];
  triesLeft: number;
}

/** A few bad Services are found among 10,000; whoever makes more of them has the rest tried at the next turn. */
const maxTries = 128;

/** Programs all that can be: first what is no Service's, then the Services that changed, by halves. */
async function searchRefused(search: Search, first: Failure): Promise<Attempt> {
  const { family, wanted } = search;
  const keys = changedServices(family.programmed.snapshot, wanted);
  if (!isSameSurrounding(family.programmed.snapshot, wanted)) {
    const surrounding = await tryServices(search, []);
    if (surrounding.kind === 'failed') return surrounding;
  }
  if (keys.length === 0) return first;
  return tryHalves(search, keys, first);
}

/** `failure` is what happened when all of `keys` were tried together. */
async function tryHalves(search: Search, keys: readonly string[], failure: Failure): Promise<Attempt> {
  const [key] = keys;
  if (keys.length === 1 && key !== undefined) {
    const { clock } = search.options;
    hold(search.family.quarantine, { key, wanted: search.snapshot, problem: failure.problem, nowMs: clock.nowMs() });
    search.refused.push(key);
    return search.sent.at(-1) ?? (await tryServices(search, []));
  }
  const middle = Math.ceil(keys.length / 2);
  let last: Attempt = failure;
  for (const half of [keys.slice(0, middle), keys.slice(middle)]) {
    last = await tryServices(search, half);
    if (last.kind === 'failed' && isRefusal(last)) last = await tryHalves(search, half, last);
    if (last.kind === 'failed') return last;
  }
  return last;
}

/** What stands, with these Services as they are wanted. */
async function tryServices(search: Search, keys: readonly string[]): Promise<Attempt> {
  const { programmed } = search.family;
  if (search.isStopping() || search.triesLeft === 0) {
    const problem = search.isStopping() ? 'stopped' : `the kernel refuses more than ${maxTries} tries could tell`;
    return { kind: 'failed', reason: 'lock', problem, wasFresh: false };
  }
  search.triesLeft -= 1;
  const done = await attempt(programmed, withServicesOf(programmed.snapshot, search.wanted, keys), search.options);
  if (done.kind === 'done') search.sent.push(done);
  return done;
}

function heldDiagnostic(key: string, problem: string): Diagnostic {
  const slash = key.indexOf('/');
  return {
    code: 'service-quarantined',
    severity: 'error',
    object: { kind: 'Service', namespace: key.slice(0, slash), name: key.slice(slash + 1) },
    field: '',
    problem: `the kernel refuses its rules (${problem}), so it is left as it was; all other Services go on`,
    remedy: 'report this with the Service and its EndpointSlices; it is tried again when it changes, and now and then',
  };
}
