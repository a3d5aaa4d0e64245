/**
 * Whether this node serves the Services, for /readyz: after the first full sync, as long as changes get through and
 * drift is repaired. A Service that the kernel refuses does not count, and the API server only before the first sync.
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

/** Rules that another program changed may stay changed for this long. */
export const driftToleranceMs = 30_000;

interface FamilyState {
  /** Everything that can be programmed stood once. */
  hasStood: boolean;
  /** Why the last sync failed. */
  problem: string | undefined;
  drift: Drift | undefined;
}

/** Rules that were found changed in each look so far. */
interface Drift {
  readonly foundAtMs: number;
  lastFoundAtMs: number;
  /** The last attempt to restore them worked. */
  isRepaired: boolean;
}

export function createReadiness({ clock, families, isHealthy, missing }: ReadinessOptions): Readiness {
  const states = new Map(families.map((family) => [family, newState()]));
  const observeFamily = (report: FamilyReport): void => {
    const state = states.get(report.family);
    if (state === undefined) return;
    const isFailed = report.result === 'failed';
    state.problem = isFailed ? (report.problem ?? 'it failed') : undefined;
    if (!isFailed) state.hasStood = true;
    state.drift = nextDrift(state.drift, report, clock.nowMs());
  };
  return {
    observeSync: (report) => report.families.forEach(observeFamily),
    status: () => {
      const before = missing();
      const isWaiting = before !== undefined && [...states.values()].some(({ hasStood }) => !hasStood);
      const reasons = isWaiting
        ? [before]
        : [...states].flatMap(([family, state]) => familyReasons(family, state, clock.nowMs()));
      if (!isHealthy()) reasons.push('a change has waited for more than twice the sync period');
      return { ready: reasons.length === 0, reasons };
    },
  };
}

function newState(): FamilyState {
  return { hasStood: false, problem: undefined, drift: undefined };
}

/** A sync that worked and found nothing changed ends it; one that worked and had to restore something may not last. */
function nextDrift(drift: Drift | undefined, { result, lost }: FamilyReport, nowMs: number): Drift | undefined {
  const isRepaired = result !== 'failed';
  if (lost.length === 0) return drift === undefined || isRepaired ? undefined : { ...drift, isRepaired };
  return { foundAtMs: drift?.foundAtMs ?? nowMs, lastFoundAtMs: nowMs, isRepaired };
}

function familyReasons(family: IpFamily, { hasStood, problem, drift }: FamilyState, nowMs: number): readonly string[] {
  if (!hasStood) {
    return [
      problem === undefined ? `${family}: the first sync is not done` : `${family}: the first sync failed: ${problem}`,
    ];
  }
  if (drift === undefined) return [];
  const driftMs = (drift.isRepaired ? drift.lastFoundAtMs : nowMs) - drift.foundAtMs;
  if (driftMs < driftToleranceMs) return [];
  return [`${family}: rules that another program changed are not restored for ${Math.floor(driftMs / 1000)} s`];
}
