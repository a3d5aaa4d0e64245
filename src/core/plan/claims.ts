/**
 * Who may use which address and port. Two Services can claim the same external IP, NodePort or health-check port; the
 * older one gets it, and the other one is told; only a cluster IP is always its own Service's. Nothing here depends on
 * endpoints.
 */

import type { Service } from '../model/objects.ts';
import { compareText } from '../structures/compare-text.ts';
import { changedKeys, emptyShards, findIn, type Shards, valuesIn } from '../structures/shards.ts';
import { firstNotBefore } from '../structures/sorted-list.ts';
import { type Claimant, claimantOf, type KnownClaimants } from './claimants.ts';
import { goesBefore, type KnownRemainders, type Settlement, settle } from './contest.ts';
import type { FamilyContext } from './context.ts';

/** What was settled last for one context, so that a Service that changes is settled alone. */
export interface ClaimMemory {
  readonly claimants: KnownClaimants;
  readonly remainders: KnownRemainders;
  services: Shards<Service>;
  /** Sorted by key. */
  contenders: readonly Claimant[];
  /** By the key of the claim. */
  winners: Map<string, Claimant>;
  isContested: boolean;
  /** Sorted by key; Services without a cluster IP of this family are absent. */
  settlement: Settlement;
}

export function emptyClaimMemory(): ClaimMemory {
  return {
    claimants: new WeakMap(),
    remainders: new WeakMap(),
    services: emptyShards(),
    contenders: [],
    winners: new Map(),
    isContested: false,
    settlement: { services: [], diagnostics: [] },
  };
}

/** With more changes, settling all anew is quicker. */
const fewChanges = 64;

/** Settles all claims of one family; the very settlement of last time where nothing changed. */
export function settleClaims(memory: ClaimMemory, services: Shards<Service>, context: FamilyContext): Settlement {
  const changed = changedKeys(memory.services, services);
  if (changed.length === 0) return memory.settlement;
  const isSettled =
    changed.length <= fewChanges && !memory.isContested && settleChanged(memory, changed, services, context);
  if (!isSettled) settleAll(memory, services, context);
  memory.services = services;
  return memory.settlement;
}

/**
 * While no two Services claim the same, those that changed are settled without looking at the others. False where two
 * claim the same now: then all must be settled anew.
 */
function settleChanged(
  memory: ClaimMemory,
  changed: readonly string[],
  services: Shards<Service>,
  context: FamilyContext,
): boolean {
  const { winners } = memory;
  // The winners are wrong until all of it is done.
  memory.isContested = true;
  const contenders = [...memory.contenders];
  const come = changed.flatMap((key) => {
    const service = findIn(services, key);
    return (service && claimantOf(service, context, memory.claimants)) ?? [];
  });
  for (const key of changed) {
    const place = placeOf(contenders, key);
    const known = contenders[place];
    if (known?.resolved.key !== key) continue;
    contenders.splice(place, 1);
    for (const claim of known.claims) winners.delete(claim.key);
  }
  for (const claimant of come) {
    contenders.splice(placeOf(contenders, claimant.resolved.key), 0, claimant);
    for (const claim of claimant.claims) {
      if (winners.has(claim.key)) return false;
      winners.set(claim.key, claimant);
    }
  }
  memory.isContested = false;
  memory.contenders = contenders;
  memory.settlement = uncontested(contenders);
  return true;
}

/** Where the claimant of this key is, or would be. */
function placeOf(contenders: readonly Claimant[], key: string): number {
  return firstNotBefore(contenders, ({ resolved }) => compareText(resolved.key, key) < 0);
}

function settleAll(memory: ClaimMemory, services: Shards<Service>, context: FamilyContext): void {
  const contenders = valuesIn(services).flatMap((service) => claimantOf(service, context, memory.claimants) ?? []);
  const winners = new Map<string, Claimant>();
  let isContested = false;
  for (const claimant of contenders) {
    for (const { key } of claimant.claims) {
      const rival = winners.get(key);
      isContested ||= rival !== undefined;
      if (rival === undefined || goesBefore(claimant, rival, key)) winners.set(key, claimant);
    }
  }
  memory.contenders = contenders;
  memory.winners = winners;
  memory.isContested = isContested;
  memory.settlement = isContested ? settle(contenders, winners, memory.remainders) : uncontested(contenders);
}

/** Each has what it claims. */
function uncontested(contenders: readonly Claimant[]): Settlement {
  return { services: contenders.map(({ resolved }) => resolved), diagnostics: [] };
}
