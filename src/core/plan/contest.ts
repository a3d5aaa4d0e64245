/** What one Service has of what it claims, beside all others. */
import type { Diagnostic } from '../diagnostics.ts';
import { sameElements } from '../structures/list-difference.ts';
import { type ClaimIndex, winnerOf } from './claim-index.ts';
import {
  addressKey,
  type Claim,
  type Claimant,
  healthCheckKey,
  nodePortKey,
  type ResolvedService,
} from './claimants.ts';
import { conflictDiagnostics, type Loss } from './conflicts.ts';
import { type NodeGuard, nodePortBehind, refusalOf } from './node-guard.ts';

/** A claimant with the claims that it won. */
export interface Settled {
  readonly claimant: Claimant;
  readonly lost: readonly Claim[];
  readonly resolved: ResolvedService;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Contest {
  readonly index: ClaimIndex;
  readonly guard: NodeGuard;
}

const noClaims: readonly Claim[] = [];

/** Settles one claimant. `known` is what was settled for it last: what stays the same keeps its identity. */
export function settleClaimant(claimant: Claimant, contest: Contest, known: Settled | undefined): Settled {
  const losses: Loss[] = [];
  for (const claim of claimant.claims) {
    const loss = lossOf(claim, contest);
    if (loss !== undefined) losses.push(loss);
  }
  // Nearly all: they cost no more than looking up what they claim.
  if (losses.length === 0) {
    const isKnown = known?.claimant === claimant && known.lost.length === 0;
    const { resolved, diagnostics } = claimant;
    return isKnown ? known : { claimant, lost: noClaims, resolved, diagnostics };
  }
  const lost = losses.map(({ claim }) => claim);
  const isSame = known?.claimant === claimant && sameElements(known.lost, lost);
  return {
    claimant,
    lost,
    resolved: isSame ? known.resolved : withoutClaims(claimant.resolved, lost),
    diagnostics: [...claimant.diagnostics, ...conflictDiagnostics(claimant.resolved, losses)],
  };
}

/** A key that comes up twice in one Service is the first one's, as the rest could never be reached. */
function lossOf(claim: Claim, { index, guard }: Contest): Loss | undefined {
  const refusal = refusalOf(guard, claim);
  if (refusal !== undefined) return { claim, refusal };
  const winner = winnerOf(index, claim.key);
  const behind = winner?.kind === 'clusterIP' ? undefined : nodePortBehind(guard, claim);
  const nodePort = behind === undefined ? undefined : winnerOf(index, behind);
  if (nodePort !== undefined) return { claim, winner: nodePort };
  return winner === undefined || winner === claim ? undefined : { claim, winner };
}

function withoutClaims(full: ResolvedService, lost: readonly Claim[]): ResolvedService {
  const names = new Set(lost.map(({ portIndex, key }) => `${portIndex} ${key}`));
  const kept = <T>(value: T | undefined, portIndex: number, keyOf: (value: T) => string): T | undefined =>
    value !== undefined && names.has(`${portIndex} ${keyOf(value)}`) ? undefined : value;
  return {
    ...full,
    ports: full.ports.map(({ port, frontends }, i) => {
      const { clusterIp, external, nodePort } = frontends;
      return {
        port,
        frontends: {
          clusterIp: kept(clusterIp, i, (address) => addressKey(address, port)),
          external: external.filter(({ address }) => !names.has(`${i} ${addressKey(address, port)}`)),
          nodePort: kept(nodePort, i, (number) => nodePortKey(number, port)),
        },
      };
    }),
    healthCheckNodePort: kept(full.healthCheckNodePort, -1, healthCheckKey),
  };
}
