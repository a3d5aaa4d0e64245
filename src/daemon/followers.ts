/** What follows a turn of the loop: first the rules, then everybody who is told about them. */
import { ipFamilies, type PerFamily, perFamily } from '../core/model/address.ts';
import type { HealthCheck, Plan } from '../core/model/plan.ts';
import type { ConntrackReconciler } from '../host/conntrack.ts';
import { udpChanged } from '../host/conntrack-targets.ts';
import type { Health } from '../observe/health/health.ts';
import type { ServiceChecks } from '../observe/health/service-checks.ts';
import type { Log } from '../observe/logs/log.ts';
import { createSyncLog } from '../observe/logs/sync-log.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import type { TransactionHistory } from '../observe/pages/transactions.ts';
import type { SyncReport } from '../observe/sync-report.ts';
import type { Standing } from './loop.ts';

export interface Followers {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'observeSync'>;
  readonly health: Pick<Health, 'observeSync' | 'setNodeEligible'>;
  readonly history: Pick<TransactionHistory, 'record'>;
  readonly checks: Pick<ServiceChecks, 'sync'>;
  readonly conntrack: Pick<ConntrackReconciler, 'request'>;
  readonly nodeName: string;
  /** After the first turn that left nothing to be done in any family. */
  readonly onFirstSuccess: () => void;
  /** A Service that was not held back before is now: `namespace/name`, and what the kernel said. */
  readonly onQuarantine: (service: string, problem: string) => void;
}

/** What the loop calls after each turn. */
export function createFollower(followers: Followers): (report: SyncReport, standing: Standing) => void {
  const { log, metrics, health, history, checks, conntrack, nodeName } = followers;
  const logSync = createSyncLog(log);
  let plans: PerFamily<Plan> = {};
  let held: ReadonlySet<string> = new Set();
  let hasSucceeded = false;
  return (report, { snapshot, families }) => {
    metrics.observeSync(report);
    health.observeSync(report);
    logSync(report);
    history.record(report);
    health.setNodeEligible(snapshot.nodes.get(nodeName)?.isLeaving !== true);
    const standing = perFamily((family) => families.find(({ kernel }) => kernel.family === family)?.plan);
    checks.sync(ipFamilies.flatMap((family): readonly HealthCheck[] => standing[family]?.healthChecks ?? []));
    if (udpChanged(plans, standing)) conntrack.request({ plans: standing, snapshot });
    plans = standing;
    const holding = new Set(report.families.flatMap(({ quarantined }) => quarantined));
    for (const service of holding) if (!held.has(service)) followers.onQuarantine(service, problemOf(report, service));
    held = holding;
    if (!hasSucceeded && report.families.every(({ result }) => result !== 'failed')) {
      hasSucceeded = true;
      followers.onFirstSuccess();
    }
  };
}

function problemOf({ diagnostics }: SyncReport, service: string): string {
  const found = diagnostics.find(
    ({ code, object }) => code === 'service-quarantined' && `${object.namespace}/${object.name}` === service,
  );
  return found?.problem ?? '';
}
