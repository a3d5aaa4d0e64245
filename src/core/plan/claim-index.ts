/** Who claims what: the claimants of each key, the winner first. A change costs what the changed Service claims. */
import { firstNotBefore } from '../structures/sorted-list.ts';
import type { Claim, ClaimKind } from './claimants.ts';

/** By the key of the claim. Most keys have one claimant, and no list. */
export type ClaimIndex = Map<string, Claim | Claim[]>;

export function winnerOf(index: ClaimIndex, key: string): Claim | undefined {
  const held = index.get(key);
  return Array.isArray(held) ? held[0] : held;
}

/** The winners that contested keys had before they were changed: see `concernedBy`. */
export type Contested = Map<string, Claim | undefined>;

export function addClaim(index: ClaimIndex, claim: Claim, contested: Contested): void {
  const held = index.get(claim.key);
  if (held === undefined) {
    index.set(claim.key, claim);
    return;
  }
  noteWinner(index, claim, contested);
  const list = Array.isArray(held) ? held : [held];
  list.splice(
    firstNotBefore(list, (other) => goesBefore(other, claim)),
    0,
    claim,
  );
  index.set(claim.key, list);
}

/** The claim must be there. */
export function removeClaim(index: ClaimIndex, claim: Claim, contested: Contested): void {
  const held = index.get(claim.key);
  if (!Array.isArray(held)) {
    index.delete(claim.key);
    return;
  }
  noteWinner(index, claim, contested);
  held.splice(held.indexOf(claim), 1);
  const [first] = held;
  if (held.length === 1 && first !== undefined) index.set(claim.key, first);
}

function noteWinner(index: ClaimIndex, { key }: Claim, contested: Contested): void {
  if (!contested.has(key)) contested.set(key, winnerOf(index, key));
}

/** The claims whose key has another winner than before. */
export function concernedBy(index: ClaimIndex, contested: Contested): readonly Claim[] {
  return [...contested].flatMap(([key, before]) => {
    const held = index.get(key) ?? [];
    return winnerOf(index, key) === before ? [] : held;
  });
}

/**
 * What the cluster or a controller assigned goes before what a user wrote: spec.externalIPs needs rights on one
 * Service, status.loadBalancer rights on its status (CVE-2020-8554).
 */
export const ranks: Readonly<Record<ClaimKind, number>> = {
  clusterIP: 0,
  nodePort: 1,
  healthCheck: 1,
  loadBalancerIP: 2,
  externalIP: 3,
};

/** By rank, then the older Service. Within a Service the first port, and the health check last. */
function goesBefore(a: Claim, b: Claim): boolean {
  if (ranks[a.kind] !== ranks[b.kind]) return ranks[a.kind] < ranks[b.kind];
  const [ageA, ageB] = [ageOf(a), ageOf(b)];
  if (ageA !== ageB) return ageA < ageB;
  if (a.owner.key !== b.owner.key) return a.owner.key < b.owner.key;
  return a.kind === b.kind ? a.portIndex < b.portIndex : b.kind === 'healthCheck';
}

/** A Service that does not say when it was made is taken for the youngest. */
export function ageOf({ owner }: Claim): number {
  return owner.service.createdAtMs ?? Number.POSITIVE_INFINITY;
}
