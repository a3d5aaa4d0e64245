/**
 * What to do when the kernel refuses rules, or the compiler gives up on them: find the Services that it is about by
 * asking for less, program all others, and hold those back as they were.
 */
import type { Snapshot } from '../../core/model/snapshot.ts';
import { emptySnapshot, withServicesOf } from '../../core/snapshot/snapshot.ts';
import { type Attempt, type AttemptOptions, attempt, type FailedAttempt, type Programmed } from '../programming.ts';
import { changedServices, sameSurrounding, withSurroundingOf } from './hold-back.ts';
import { hold, type Quarantine } from './quarantine.ts';

/** Where a search begins. */
export interface SearchOptions extends AttemptOptions {
  readonly programmed: Programmed;
  readonly quarantine: Quarantine;
  /** Without the Services that are held back already. */
  readonly wanted: Snapshot;
  /** With it. */
  readonly snapshot: Snapshot;
}

/** What a search found. */
export interface SearchResult {
  readonly last: Attempt;
  /** All that was accepted, in this order. */
  readonly sent: readonly Success[];
  /** Services that were refused, and are held back now. */
  readonly refused: readonly string[];
}

export type Success = Extract<Attempt, { kind: 'done' }>;

interface RefusalSearch extends SearchOptions {
  readonly sent: Success[];
  readonly refused: string[];
  triesLeft: number;
}

/** Whether the base may be wrong: the rules in the kernel are not those that were compared with. */
export function mayBeBase({ reason }: FailedAttempt): boolean {
  return reason === 'base' || reason === 'refused';
}

/** Whether it is about what was asked for, so that asking for less may help. */
export function isRefusal({ reason }: FailedAttempt): boolean {
  return reason === 'base' || reason === 'refused' || reason === 'bug';
}

/** Enough to find a few bad Services among 10,000. The rest is tried at the next turn. */
const maxTries = 128;

/** Never rejects. `first` is what happened when all was tried together. */
export async function searchRefused(options: SearchOptions, first: FailedAttempt): Promise<SearchResult> {
  const search: RefusalSearch = { ...options, sent: [], refused: [], triesLeft: maxTries };
  const last = await searchIn(search, first);
  return { last, sent: search.sent, refused: search.refused };
}

async function searchIn(search: RefusalSearch, first: FailedAttempt): Promise<Attempt> {
  const { programmed, wanted } = search;
  const isStart = programmed.rules === undefined;
  const stoodNothing = programmed.base !== undefined && programmed.base.rules === undefined;
  const found = isStart && !stoodNothing ? await leaveGroupsOut(search) : undefined;
  if (found !== undefined) return found;
  if (sameSurrounding(programmed.snapshot, wanted)) return tryChanged(search, first);
  const surrounding = await tryServices(search, []);
  if (surrounding.kind === 'done') return tryChanged(search, surrounding);
  if (!isRefusal(surrounding)) return surrounding;
  // Services go on among the Nodes and ServiceCIDRs of before; those of now are tried again with each turn.
  const last = await tryChanged({ ...search, wanted: withSurroundingOf(wanted, programmed.snapshot) }, surrounding);
  if (last.kind === 'failed' && last !== surrounding) return last;
  return { ...surrounding, problem: `Nodes or ServiceCIDRs: ${surrounding.problem}` };
}

/** `last` is the result of the try before, and of the whole search where no Service has changed. */
async function tryChanged(search: RefusalSearch, last: Attempt): Promise<Attempt> {
  const keys = changedServices(search.programmed.snapshot, search.wanted);
  return keys.length === 0 ? last : await tryGroup(search, keys);
}

/** At most so many tries to find the group that a single bad Service is in. */
const maxGroups = 64;

/**
 * After a start it is not known which Services the rules that stand are of. To ask for half of the Services would cut
 * the other half off; so small groups are left out, until the rest is accepted. Undefined when that is never so: then
 * more than one group has a bad Service in it.
 */
async function leaveGroupsOut(search: RefusalSearch): Promise<Attempt | undefined> {
  const { wanted } = search;
  const keys = changedServices(emptySnapshot, wanted);
  const size = Math.ceil(keys.length / maxGroups);
  for (let start = 0; start < keys.length; start += size) {
    const group = keys.slice(start, start + size);
    const tried = await trySnapshot(search, withServicesOf(wanted, emptySnapshot, group));
    if (tried.kind === 'done') return tryGroup(search, group);
    if (!isRefusal(tried)) return tried;
  }
  return undefined;
}

async function tryGroup(search: RefusalSearch, group: readonly string[]): Promise<Attempt> {
  const together = await tryServices(search, group);
  return together.kind === 'failed' && isRefusal(together) ? tryHalves(search, group, together) : together;
}

/** `failure` is what happened when all of `keys` were tried together. */
async function tryHalves(search: RefusalSearch, keys: readonly string[], failure: FailedAttempt): Promise<Attempt> {
  const [key] = keys;
  if (keys.length === 1 && key !== undefined) {
    const { quarantine, snapshot, clock } = search;
    hold(quarantine, { key, wanted: snapshot, problem: failure.problem, nowMs: clock.nowMs() });
    search.refused.push(key);
    return search.sent.at(-1) ?? (await tryServices(search, []));
  }
  const middle = Math.ceil(keys.length / 2);
  let last: Attempt = failure;
  for (const half of [keys.slice(0, middle), keys.slice(middle)]) {
    last = await tryGroup(search, half);
    if (last.kind === 'failed') return last;
  }
  return last;
}

/** The snapshot in force, with these Services, the Nodes and the ServiceCIDRs as wanted. */
function tryServices(search: RefusalSearch, keys: readonly string[]): Promise<Attempt> {
  const { programmed, wanted } = search;
  return trySnapshot(search, withSurroundingOf(withServicesOf(programmed.snapshot, wanted, keys), wanted));
}

async function trySnapshot(search: RefusalSearch, snapshot: Snapshot): Promise<Attempt> {
  if (search.triesLeft === 0) {
    const problem = `the kernel refuses rules, and ${maxTries} tries did not find all Services that cause it`;
    return { kind: 'failed', reason: 'ended', problem, wasFresh: false };
  }
  search.triesLeft -= 1;
  const done = await attempt(search.programmed, snapshot, search);
  if (done.kind === 'done') search.sent.push(done);
  return done;
}
