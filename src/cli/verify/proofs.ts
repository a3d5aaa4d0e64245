/** What `verify` found, before it is shown. */
import type { IpFamily } from '../../core/model/address.ts';
import type { PlanDifference } from '../../core/prove/compare-plans.ts';
import type { ProofResult } from '../../core/prove/proof-result.ts';

/** The rules of one backend, or of a dump, against the Services. */
export interface Proof {
  /** The backend or the file. */
  readonly name: string;
  readonly verdict: ProofResult;
  readonly milliseconds: number;
  /** Lines of a dump that were not understood, and could be about any packet. */
  readonly unread: readonly string[];
  readonly notes: readonly string[];
}

/** Where the plans of two backends differ by design. */
export interface BackendComparison {
  readonly family: IpFamily;
  readonly names: readonly string[];
  readonly differences: readonly PlanDifference[];
}

export interface Proofs {
  readonly proofs: readonly Proof[];
  readonly comparisons: readonly BackendComparison[];
}

/** Whether the rules match the Services for every packet. */
export function isProven({ verdict, unread }: Proof): boolean {
  return verdict.outcome === 'proven' && unread.length === 0;
}

/** Whether the command succeeds. */
export function isFine({ proofs }: Proofs, acceptsDeviations: boolean): boolean {
  return proofs.length > 0 && proofs.every((proof) => isProven(proof) || (acceptsDeviations && deviatesOnly(proof)));
}

/** Whether each difference is a known deviation of kube-proxy. */
export function deviatesOnly({ verdict, unread }: Proof): boolean {
  const { differences, unknownClasses, differentClasses } = verdict;
  const shown = differences.reduce((sum, { classes }) => sum + classes, 0);
  return (
    unread.length === 0 &&
    unknownClasses === 0 &&
    // What is counted only may be anything.
    shown === differentClasses &&
    differences.every(({ deviation }) => deviation !== undefined)
  );
}
