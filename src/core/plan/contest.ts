/** Who gets what several Services claim; each loser is told. */
import type { Diagnostic } from '../diagnostics.ts';
import {
  addressKey,
  type Claim,
  type Claimant,
  clusterIpField,
  healthCheckKey,
  nodePortKey,
  type ResolvedService,
} from './claimants.ts';

export interface Settlement {
  /** Of the claimants, in their order. */
  readonly services: readonly ResolvedService[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What was left of Services that lost claims, and which claims these were. */
export type KnownRemainders = WeakMap<ResolvedService, { readonly lost: string; readonly resolved: ResolvedService }>;

/** Each contender with the claims that it won. `winners` is by the key of the claim. */
export function settle(
  contenders: readonly Claimant[],
  winners: ReadonlyMap<string, Claimant>,
  remainders: KnownRemainders,
): Settlement {
  const diagnostics: Diagnostic[] = [];
  const services = contenders.map((claimant) => {
    const taken = new Set<string>();
    const lost = claimant.claims.filter(({ key }) => {
      // A key that comes up twice in one Service is the first one's, as the rest could never be reached.
      const isLost = winners.get(key) !== claimant || taken.has(key);
      taken.add(key);
      return isLost;
    });
    for (const claim of lost) diagnostics.push(conflict(claim, claimant, winners.get(claim.key) ?? claimant));
    return lost.length === 0 ? claimant.resolved : withoutClaims(claimant.resolved, lost, remainders);
  });
  return { services, diagnostics };
}

function conflict(claim: Claim, loser: Claimant, winner: Claimant): Diagnostic {
  const { namespace, name } = loser.resolved.service;
  return {
    code: 'frontend-conflict',
    severity: 'warning',
    object: { kind: 'Service', namespace, name },
    field: claim.field,
    problem: `${claim.key} already belongs to ${describeOwner(claim, loser, winner)}, which keeps it`,
    remedy: 'choose another address or port, or remove it from one of the two',
  };
}

function describeOwner({ key, field }: Claim, loser: Claimant, winner: Claimant): string {
  if (winner === loser) return 'another port of the same Service';
  if (field !== clusterIpField && isClusterIpOf(winner, key)) {
    return `Service ${winner.resolved.key}, whose cluster IP it is`;
  }
  const isSameAge = winner.resolved.service.createdAtMs === loser.resolved.service.createdAtMs;
  return `Service ${winner.resolved.key}, ${isSameAge ? 'equally old and first by name' : 'the older one'}`;
}

/** A cluster IP is its Service's, however old: else an external IP could take over any Service that is younger. */
export function goesBefore(a: Claimant, b: Claimant, key: string): boolean {
  const [isOwnOfA, isOwnOfB] = [isClusterIpOf(a, key), isClusterIpOf(b, key)];
  return isOwnOfA === isOwnOfB ? isOlder(a, b) : isOwnOfA;
}

function isClusterIpOf({ claims }: Claimant, key: string): boolean {
  return claims.some((claim) => claim.key === key && claim.field === clusterIpField);
}

/** creationTimestamp, then name; a Service that does not say when it was made is taken for the youngest. */
function isOlder(a: Claimant, b: Claimant): boolean {
  const [ageA, ageB] = [a, b].map(({ resolved }) => resolved.service.createdAtMs ?? Number.POSITIVE_INFINITY);
  if (ageA !== ageB) return Number(ageA) < Number(ageB);
  return a.resolved.key < b.resolved.key;
}

/** The Service without what it lost; the same value as long as it loses the same. */
function withoutClaims(full: ResolvedService, lost: readonly Claim[], remainders: KnownRemainders): ResolvedService {
  const signature = lost.map(({ portIndex, key }) => `${portIndex} ${key}`).join();
  const known = remainders.get(full);
  if (known?.lost === signature) return known.resolved;
  const resolved = removeClaims(full, lost);
  remainders.set(full, { lost: signature, resolved });
  return resolved;
}

function removeClaims(resolved: ResolvedService, lost: readonly Claim[]): ResolvedService {
  const isLost = (portIndex: number, key: string) =>
    lost.some((claim) => claim.portIndex === portIndex && claim.key === key);
  const { healthCheckNodePort } = resolved;
  return {
    ...resolved,
    ports: resolved.ports.map(({ port, frontends }, i) => {
      const { clusterIp, external, nodePort } = frontends;
      return {
        port,
        frontends: {
          clusterIp: clusterIp !== undefined && isLost(i, addressKey(clusterIp, port)) ? undefined : clusterIp,
          external: external.filter(({ address }) => !isLost(i, addressKey(address, port))),
          nodePort: nodePort !== undefined && isLost(i, nodePortKey(nodePort, port)) ? undefined : nodePort,
        },
      };
    }),
    healthCheckNodePort:
      healthCheckNodePort !== undefined && isLost(-1, healthCheckKey(healthCheckNodePort))
        ? undefined
        : healthCheckNodePort,
  };
}
