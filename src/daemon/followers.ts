/** What follows a turn of the loop: logs, metrics, health, conntrack and Events learn what it did. */
import { type Diagnostic, describeObject, type ObjectRef } from '../core/diagnostics.ts';
import { type IpAddress, type IpFamily, type PerFamily, perFamily } from '../core/model/address.ts';
import type { Plan } from '../core/model/plan.ts';
import type { ConntrackReconciler } from '../host/conntrack/conntrack.ts';
import { udpChanged } from '../host/conntrack/targets.ts';
import type { Health } from '../observe/health/health.ts';
import type { Readiness } from '../observe/health/readiness.ts';
import type { ServiceChecks } from '../observe/health/service-checks.ts';
import type { Log } from '../observe/logs/log.ts';
import { createSyncLog } from '../observe/logs/sync-log.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import type { TransactionHistory } from '../observe/pages/transactions.ts';
import type { SyncReport } from '../observe/sync-report.ts';
import { conflictFollower } from './conflict-notices.ts';
import type { Standing } from './loop.ts';
import type { OwnerNotice } from './owner-notice.ts';
import { healthCheckHosts } from './this-node/health-check-hosts.ts';

/** The parts that follow a turn. */
export interface Followers {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'observeSync'>;
  readonly health: Pick<Health, 'observeSync'>;
  readonly readiness: Pick<Readiness, 'observeSync'>;
  readonly history: Pick<TransactionHistory, 'record'>;
  readonly checks: Pick<ServiceChecks, 'sync'>;
  readonly conntrack: Pick<ConntrackReconciler, 'request'>;
  /** The addresses of this node, as they are now. */
  readonly localAddresses: (family: IpFamily) => readonly IpAddress[];
  /** After the first turn that left nothing to be done in any family. */
  readonly onFirstSuccess: () => void;
  /** A Service is held back that was not before; `problem` is what the kernel said. */
  readonly onQuarantine: (service: ObjectRef, problem: string) => void;
  /** A Service loses a claim to another one, or to the node, that it did not lose before. */
  readonly onConflict: (notice: OwnerNotice) => void;
}

type Follower = (report: SyncReport, standing: Standing) => void;

/** What the loop calls after each turn. A follower that throws is logged and does not stop the others. */
export function createFollower(followers: Followers): Follower {
  const { log, metrics, health, readiness, history } = followers;
  const all: Readonly<Record<string, Follower>> = {
    metrics: metrics.observeSync,
    health: health.observeSync,
    readiness: readiness.observeSync,
    log: createSyncLog(log),
    transactions: history.record,
    healthChecks: (_, standing) => syncHealthChecks(followers, standing),
    conntrack: conntrackFollower(followers),
    quarantine: quarantineFollower(followers),
    conflicts: conflictFollower(followers),
    firstSuccess: firstSuccessFollower(followers),
  };
  return (report, standing) => {
    for (const [follower, follow] of Object.entries(all)) {
      try {
        follow(report, standing);
      } catch (error) {
        const details = error instanceof Error ? error.stack : String(error);
        log.error('What follows a sync failed: a bug', { sync: report.number, follower, error: details });
      }
    }
  };
}

/** Serves the health checks of what stands, on the addresses that take NodePorts now. */
export function syncHealthChecks(
  { checks, localAddresses }: Pick<Followers, 'checks' | 'localAddresses'>,
  standing: Standing,
): void {
  const plans = Object.values(plansOf(standing));
  checks.sync(
    plans.map((plan) => ({ checks: plan.healthChecks, hosts: healthCheckHosts(plan, localAddresses(plan.family)) })),
  );
}

/** What was planned for the rules that stand. */
function plansOf({ families }: Standing): PerFamily<Plan> {
  return perFamily((family) => families.find(({ kernel }) => kernel.family === family)?.plan);
}

function conntrackFollower({ conntrack }: Followers): Follower {
  let before: PerFamily<Plan> = {};
  return (_, standing) => {
    const plans = plansOf(standing);
    const isChanged = udpChanged(before, plans);
    before = plans;
    // The snapshot that each plan was made of: the newest one may be ahead of it.
    const snapshots = perFamily((family) => standing.families.find(({ kernel }) => kernel.family === family)?.snapshot);
    if (isChanged) conntrack.request({ plans, snapshots });
  };
}

function quarantineFollower({ onQuarantine }: Followers): Follower {
  let held: ReadonlySet<string> = new Set();
  return ({ diagnostics }) => {
    const now = new Map<string, Diagnostic>();
    // Both families may hold a Service back, for different reasons: the first is reported.
    for (const each of diagnostics) {
      const key = describeObject(each.object);
      if (each.code === 'service-quarantined' && !now.has(key)) now.set(key, each);
    }
    for (const [key, { object, problem }] of now) if (!held.has(key)) onQuarantine(object, problem);
    held = new Set(now.keys());
  };
}

function firstSuccessFollower({ onFirstSuccess }: Followers): Follower {
  let hasSucceeded = false;
  return ({ families }, standing) => {
    const isSuccess =
      families.length === standing.families.length && families.every(({ result }) => result !== 'failed');
    if (hasSucceeded || !isSuccess) return;
    hasSucceeded = true;
    onFirstSuccess();
  };
}
