/**
 * Whether the proxy keeps up: a change that was recorded is in the kernel before twice the sync period is over. Only
 * values and clocks; the pages are made in probes.ts.
 */
import type { Clock } from '../../clock.ts';
import type { IpFamily } from '../../core/model/address.ts';
import type { SyncReport } from '../sync-report.ts';

export interface FamilyHealth {
  readonly healthy: boolean;
  /** Undefined before the first sync that worked. */
  readonly lastUpdatedAtMs: number | undefined;
}

export interface HealthStatus {
  /** Every family keeps up. */
  readonly healthy: boolean;
  /** Whether new connections should come to this node: its Node is known, and is not about to be removed. */
  readonly nodeEligible: boolean;
  /** The families that have recorded a change or synced. */
  readonly families: ReadonlyMap<IpFamily, FamilyHealth>;
}

export interface Health {
  /** A change of the family was recorded and is not in the kernel yet. */
  queued(family: IpFamily): void;
  /** All that was recorded for the family is in the kernel. */
  synced(family: IpFamily): void;
  /** The same from a report: a family that failed still has something to do. */
  observeSync(report: SyncReport): void;
  /** False until told, and while the Node is being deleted or has the taint ToBeDeletedByClusterAutoscaler. */
  setNodeEligible(eligible: boolean): void;
  status(): HealthStatus;
}

export interface HealthOptions {
  readonly clock: Clock;
  readonly syncPeriodMs: number;
}

interface FamilyState {
  readonly lastUpdatedAtMs: number | undefined;
  /** When the oldest change that is not in the kernel was recorded, by the clock's `nowMs`. */
  readonly oldestQueuedMs: number | undefined;
}

const never: FamilyState = { lastUpdatedAtMs: undefined, oldestQueuedMs: undefined };

export function createHealth({ clock, syncPeriodMs }: HealthOptions): Health {
  const timeoutMs = 2 * syncPeriodMs;
  const states = new Map<IpFamily, FamilyState>();
  let nodeEligible = false;

  const queued = (family: IpFamily): void => {
    const state = states.get(family) ?? never;
    states.set(family, { ...state, oldestQueuedMs: state.oldestQueuedMs ?? clock.nowMs() });
  };
  const synced = (family: IpFamily): void => {
    states.set(family, { lastUpdatedAtMs: clock.wallMs(), oldestQueuedMs: undefined });
  };
  const isHealthy = ({ oldestQueuedMs }: FamilyState): boolean =>
    oldestQueuedMs === undefined || clock.nowMs() - oldestQueuedMs < timeoutMs;

  return {
    queued,
    synced,
    observeSync: ({ families }) => {
      for (const { family, result } of families) (result === 'failed' ? queued : synced)(family);
    },
    setNodeEligible: (eligible) => {
      nodeEligible = eligible;
    },
    status: () => {
      const families = new Map(
        [...states].map(([family, state]) => [
          family,
          { healthy: isHealthy(state), lastUpdatedAtMs: state.lastUpdatedAtMs },
        ]),
      );
      return { healthy: [...families.values()].every(({ healthy }) => healthy), nodeEligible, families };
    },
  };
}
