/**
 * Whether this node serves the Services, for /readyz: after the first full sync, as long as syncs work and drift is
 * repaired. A Service that the kernel refuses does not count, and the API server only before the first sync.
 */
import type { Clock } from '../../clock.ts';
import type { IpFamily } from '../../core/model/address.ts';
import type { FamilyReport, SyncReport } from '../sync-report.ts';

export interface ReadinessStatus {
  readonly ready: boolean;
  /** Why not, a sentence each; empty when it is ready. */
  readonly reasons: readonly string[];
}

export interface Readiness {
  observeSync(report: SyncReport): void;
  status(): ReadinessStatus;
}

export interface ReadinessOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** All families that this node has. */
  readonly families: readonly IpFamily[];
  /** Whether changes get through in time, as for /livez. */
  readonly isHealthy: () => boolean;
  /** What has to come before the first sync; undefined when nothing is missing. */
  readonly missing: () => string | undefined;
}

/** How long syncs may fail, or rules be changed by another program, before it counts. */
export const toleranceMs = 30_000;

interface FamilyState {
  /** Everything that can be programmed stood once. */
  hasStood: boolean;
  failure: { readonly sinceMs: number; readonly problem: string } | undefined;
  /** Rules that were found changed, and restored, in each look so far. */
  drift: { readonly firstMs: number; readonly lastMs: number } | undefined;
}

export function createReadiness({ clock, families, isHealthy, missing }: ReadinessOptions): Readiness {
  const states = new Map<IpFamily, FamilyState>(
    families.map((family) => [family, { hasStood: false, failure: undefined, drift: undefined }]),
  );
  const observeFamily = ({ family, result, problem = '', lost }: FamilyReport): void => {
    const state = states.get(family);
    if (state === undefined) return;
    const nowMs = clock.nowMs();
    if (lost.length > 0) state.drift = { firstMs: state.drift?.firstMs ?? nowMs, lastMs: nowMs };
    if (result === 'failed') {
      state.failure = { sinceMs: state.failure?.sinceMs ?? nowMs, problem };
      return;
    }
    state.hasStood = true;
    state.failure = undefined;
    if (lost.length === 0) state.drift = undefined;
  };
  return {
    observeSync: (report) => report.families.forEach(observeFamily),
    status: () => {
      const wanted = missing();
      const isWaiting = wanted !== undefined && [...states.values()].some(({ hasStood }) => !hasStood);
      const reasons = isWaiting
        ? [wanted]
        : [...states].flatMap(([family, state]) => {
            const reason = reasonOf(state, clock.nowMs());
            return reason === undefined ? [] : [`${family}: ${reason}`];
          });
      if (!isHealthy()) reasons.push('a change has waited for more than twice the sync period');
      return { ready: reasons.length === 0, reasons };
    },
  };
}

function reasonOf({ hasStood, failure, drift }: FamilyState, nowMs: number): string | undefined {
  if (!hasStood)
    return failure === undefined ? 'the first sync is not done' : `the first sync failed: ${failure.problem}`;
  const failedMs = failure === undefined ? 0 : nowMs - failure.sinceMs;
  if (failedMs >= toleranceMs) return `syncs have failed for ${seconds(failedMs)}: ${failure?.problem}`;
  const driftMs = drift === undefined ? 0 : drift.lastMs - drift.firstMs;
  if (driftMs < toleranceMs) return undefined;
  return `another program has changed the rules again and again for ${seconds(driftMs)}`;
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`;
}
