/**
 * Who may use which address and port. Several Services can claim the same external address, NodePort or health-check
 * port: the claim of the best rank gets it, then that of the older Service (`claim-index.ts`), and both are told.
 * Nothing here depends on the endpoints of Services. A change settles what the changed Services hold, and the Services
 * that win or lose a claim by it.
 */
import type { Diagnostic } from '../diagnostics.ts';
import type { Service } from '../model/objects.ts';
import { compareText } from '../structures/compare-text.ts';
import { sameElements } from '../structures/list-difference.ts';
import { remember } from '../structures/remember.ts';
import { changedKeys, emptyShards, findIn, type Shards } from '../structures/shards.ts';
import { firstNotBefore } from '../structures/sorted-list.ts';
import { addClaim, type ClaimIndex, type Contested, concernedBy, removeClaim } from './claim-index.ts';
import { type Claim, type Claimant, claimantOf, type ResolvedService } from './claimants.ts';
import { type Settled, settleClaimant } from './contest.ts';
import type { FamilyContext } from './context.ts';
import { type NodeGuard, nodePortBehind } from './node-guard.ts';

export interface Settlement {
  /** Sorted by key; Services without a cluster IP of this family are absent. */
  readonly services: readonly ResolvedService[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What was settled last for one context, so that a Service that changes is settled alone. */
export interface ClaimMemory {
  services: Shards<Service>;
  /** Undefined before the first settlement, and where one was not finished: then all is settled anew. */
  guard: NodeGuard | undefined;
  index: ClaimIndex;
  /** The Services that claim what a NodePort would take from them, by the key of that NodePort. */
  watchers: Map<string, Set<string>>;
  readonly settled: Map<string, Settled>;
  /** Of the Services that have any. */
  readonly diagnostics: Map<string, readonly Diagnostic[]>;
  settlement: Settlement;
}

export function emptyClaimMemory(): ClaimMemory {
  return {
    services: emptyShards(),
    guard: undefined,
    index: new Map(),
    watchers: new Map(),
    settled: new Map(),
    diagnostics: new Map(),
    settlement: { services: [], diagnostics: [] },
  };
}

/** Settles all claims of one family; the very settlement of last time where nothing changed. */
export function settleClaims(
  memory: ClaimMemory,
  services: Shards<Service>,
  context: FamilyContext,
  guard: NodeGuard,
): Settlement {
  const isAnew = memory.guard !== guard;
  if (isAnew) Object.assign(memory, { services: emptyShards(), index: new Map(), watchers: new Map() });
  memory.guard = undefined;
  // What was settled for another guard may be about Services that are gone.
  const changed = new Set([...changedKeys(memory.services, services), ...(isAnew ? memory.settled.keys() : [])]);
  const change: IndexChange = { memory, guard, contested: new Map(), affected: new Set(changed) };
  const claimants = new Map<string, Claimant | undefined>();
  for (const key of changed) {
    const known = memory.settled.get(key)?.claimant;
    const service = findIn(services, key);
    const claimant = known?.resolved.service === service ? known : service && claimantOf(service, context);
    claimants.set(key, claimant);
    if (!isAnew) for (const claim of known?.claims ?? []) withdraw(claim, change);
    for (const claim of claimant?.claims ?? []) enter(claim, change);
  }
  for (const { owner } of concernedBy(memory.index, change.contested)) change.affected.add(owner.key);
  settleAffected(change, claimants);
  memory.services = services;
  memory.guard = guard;
  return memory.settlement;
}

interface IndexChange {
  readonly memory: ClaimMemory;
  readonly guard: NodeGuard;
  readonly contested: Contested;
  /** The Services to settle. */
  readonly affected: Set<string>;
}

function enter(claim: Claim, { memory, guard, contested, affected }: IndexChange): void {
  const behind = nodePortBehind(guard, claim);
  if (behind !== undefined) remember(memory.watchers, behind, () => new Set()).add(claim.owner.key);
  addWatchers(memory, claim, affected);
  addClaim(memory.index, claim, contested);
}

function withdraw(claim: Claim, { memory, guard, contested, affected }: IndexChange): void {
  const behind = nodePortBehind(guard, claim);
  if (behind !== undefined) {
    const watchers = memory.watchers.get(behind);
    watchers?.delete(claim.owner.key);
    if (watchers?.size === 0) memory.watchers.delete(behind);
  }
  addWatchers(memory, claim, affected);
  removeClaim(memory.index, claim, contested);
}

function addWatchers({ watchers }: ClaimMemory, { kind, key }: Claim, affected: Set<string>): void {
  if (kind !== 'nodePort' && kind !== 'healthCheck') return;
  for (const service of watchers.get(key) ?? []) affected.add(service);
}

/** `claimants`: those of the Services that changed, undefined where one is gone. */
function settleAffected(
  { memory, affected, guard }: IndexChange,
  claimants: ReadonlyMap<string, Claimant | undefined>,
): void {
  const { settled, settlement } = memory;
  const moved = new Map<string, ResolvedService | undefined>();
  let isToldAnew = false;
  for (const key of affected) {
    const known = settled.get(key);
    const claimant = claimants.has(key) ? claimants.get(key) : known?.claimant;
    const now = claimant && settleClaimant(claimant, { index: memory.index, guard }, known);
    if (now === undefined) settled.delete(key);
    else settled.set(key, now);
    if (now?.resolved !== known?.resolved) moved.set(key, now?.resolved);
    isToldAnew = noteDiagnostics(memory, key, now?.diagnostics ?? []) || isToldAnew;
  }
  if (moved.size === 0 && !isToldAnew) return;
  memory.settlement = {
    services: moved.size === 0 ? settlement.services : withMoved(settlement.services, moved, settled),
    diagnostics: isToldAnew ? allDiagnostics(memory) : settlement.diagnostics,
  };
}

/** Whether they are others than before. */
function noteDiagnostics({ diagnostics }: ClaimMemory, key: string, now: readonly Diagnostic[]): boolean {
  const before = diagnostics.get(key) ?? [];
  if (sameElements(before, now)) return false;
  if (now.length === 0) diagnostics.delete(key);
  else diagnostics.set(key, now);
  return true;
}

function allDiagnostics({ diagnostics }: ClaimMemory): readonly Diagnostic[] {
  const sorted = [...diagnostics].sort(([a], [b]) => compareText(a, b));
  return sorted.flatMap(([, ofService]) => ofService);
}

/** With more changes, sorting all anew is quicker. */
const fewChanges = 64;

/** The list with these Services in it, or out of it. */
function withMoved(
  services: readonly ResolvedService[],
  moved: ReadonlyMap<string, ResolvedService | undefined>,
  settled: ReadonlyMap<string, Settled>,
): readonly ResolvedService[] {
  if (moved.size > fewChanges) {
    return [...settled.values()].map(({ resolved }) => resolved).sort((a, b) => compareText(a.key, b.key));
  }
  const list = [...services];
  for (const [key, resolved] of moved) {
    const place = firstNotBefore(list, (other) => compareText(other.key, key) < 0);
    const isThere = list[place]?.key === key;
    list.splice(place, isThere ? 1 : 0, ...(resolved === undefined ? [] : [resolved]));
  }
  return list;
}
