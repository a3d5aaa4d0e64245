/** Tells the owners of a conflict: once for each pair of Services and kind, however many keys they contest. */
import type { Diagnostic, ObjectRef } from '../diagnostics.ts';
import { ageOf, ranks } from './claim-index.ts';
import type { Claim, ClaimKind, ResolvedService } from './claimants.ts';

/** A claim that its Service does not have: another one has it, or the node needs it. */
export type Loss =
  | { readonly claim: Claim; readonly winner: Claim }
  /** Completes the sentence `not served, because …`. */
  | { readonly claim: Claim; readonly refusal: string };

/** What one Service lost to one other, by kinds of claims. */
interface Conflict {
  readonly claim: Claim;
  readonly winner: Claim;
  readonly keys: string[];
}

interface Refusal {
  readonly claim: Claim;
  readonly refusal: string;
  readonly keys: string[];
}

/** One Service can contest keys of any number of others: so many conflicts are told, and the rest is counted. */
const mostConflicts = 10;

/** So many keys of a conflict are named. */
const mostKeys = 3;

/** What the loser and the winners are told. */
export function conflictDiagnostics(loser: ResolvedService, losses: readonly Loss[]): readonly Diagnostic[] {
  const conflicts = new Map<string, Conflict>();
  const refusals = new Map<string, Refusal>();
  for (const loss of losses) {
    const { claim } = loss;
    if ('refusal' in loss) {
      collect(refusals, loss.refusal, { ...loss, keys: [] }, claim.key);
    } else {
      const { winner } = loss;
      collect(conflicts, `${winner.owner.key} ${winner.kind} ${claim.kind}`, { claim, winner, keys: [] }, claim.key);
    }
  }
  const told = [...conflicts.values()].slice(0, mostConflicts);
  const untold = [...conflicts.values()].slice(mostConflicts);
  return [
    ...[...refusals.values()].map((refusal) => refused(loser, refusal)),
    ...told.map((conflict) => lost(loser, conflict)),
    ...told.filter(({ winner }) => winner.owner.key !== loser.key).map((conflict) => kept(loser, conflict)),
    ...(untold.length === 0 ? [] : [lostElsewhere(loser, untold)]),
  ];
}

function collect<T extends { readonly keys: string[] }>(all: Map<string, T>, name: string, empty: T, key: string) {
  const found = all.get(name) ?? empty;
  found.keys.push(key);
  all.set(name, found);
}

function lost(loser: ResolvedService, { claim, winner, keys }: Conflict): Diagnostic {
  const isOwn = winner.owner.key === loser.key;
  return {
    code: 'frontend-conflict',
    severity: 'warning',
    object: refTo(loser),
    field: fieldOf(claim),
    problem: alreadyBelongs(keys, isOwn ? describeOwn(winner) : describeOwner(claim, winner)),
    remedy: 'choose another address or port, or remove it from one of the two',
    ...(isOwn ? {} : { rival: refTo(winner.owner) }),
  };
}

function kept(loser: ResolvedService, { claim, winner, keys }: Conflict): Diagnostic {
  return {
    code: 'frontend-contested',
    severity: 'info',
    object: refTo(winner.owner),
    field: fieldOf(winner),
    problem: `Service ${loser.key} claims ${listed(keys)} too, in ${fieldOf(claim)}; this Service keeps it`,
    remedy: `remove it from Service ${loser.key}, or from this one`,
    rival: refTo(loser),
  };
}

function lostElsewhere(loser: ResolvedService, conflicts: readonly Conflict[]): Diagnostic {
  const keys = conflicts.flatMap((conflict) => conflict.keys);
  const winners = new Set(conflicts.map(({ winner }) => winner.owner.key)).size;
  return {
    code: 'frontend-conflict',
    severity: 'warning',
    object: refTo(loser),
    field: '',
    problem: alreadyBelongs(keys, `${winners} more Services`),
    remedy: 'choose other addresses or ports',
  };
}

function refused(loser: ResolvedService, { claim, refusal, keys }: Refusal): Diagnostic {
  return {
    code: 'external-ip-refused',
    severity: 'warning',
    object: refTo(loser),
    field: fieldOf(claim),
    problem: `${listed(keys)}: not served, because ${refusal}`,
    remedy: 'use another external IP or port, a load balancer, or a NodePort',
  };
}

function refTo({ service: { namespace, name } }: ResolvedService): ObjectRef {
  return { kind: 'Service', namespace, name };
}

function listed(keys: readonly string[]): string {
  const rest = keys.length > mostKeys ? ` and ${keys.length - mostKeys} more` : '';
  return keys.slice(0, mostKeys).join(', ') + rest;
}

function alreadyBelongs(keys: readonly string[], owner: string): string {
  return `${listed(keys)} already ${keys.length === 1 ? 'belongs' : 'belong'} to ${owner}`;
}

function describeOwn({ kind }: Claim): string {
  return `${kind === 'nodePort' ? 'a NodePort' : 'another port'} of the same Service`;
}

function describeOwner(claim: Claim, winner: Claim): string {
  const owner = `Service ${winner.owner.key}`;
  if (ranks[winner.kind] < ranks[claim.kind]) return `${owner}, whose ${nameOfKind[winner.kind]} it is`;
  const why = ageOf(winner) === ageOf(claim) ? 'equally old and first by name' : 'the older one';
  return `${owner}, ${why}, which keeps it`;
}

const nameOfKind: Readonly<Record<ClaimKind, string>> = {
  clusterIP: 'cluster IP',
  nodePort: 'NodePort',
  healthCheck: 'health-check port',
  loadBalancerIP: 'load-balancer IP',
  externalIP: 'external IP',
};

function fieldOf({ kind, portIndex }: Claim): string {
  switch (kind) {
    case 'clusterIP':
      return 'spec.clusterIPs';
    case 'nodePort':
      return `spec.ports[${portIndex}].nodePort`;
    case 'healthCheck':
      return 'spec.healthCheckNodePort';
    case 'loadBalancerIP':
      return 'status.loadBalancer.ingress';
    case 'externalIP':
      return 'spec.externalIPs';
    default:
      return kind satisfies never;
  }
}
