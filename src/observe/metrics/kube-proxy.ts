/**
 * kube-proxy's own metrics of both modes: names, types, labels, help and buckets as in 1.36 (pkg/proxy/metrics), so
 * that dashboards and alerts go on. `[ALPHA]` is part of the help there too.
 */
import type { IpFamily } from '../../core/model/address.ts';
import type { SyncReport } from '../sync-report.ts';
import { networkProgrammingSeconds, syncSeconds } from './buckets.ts';
import type { Instruments } from './instruments.ts';

/** What is asked each time that the metrics are read. */
export interface MetricsSources {
  /** How many changes have been recorded and are in no turn of the loop yet. */
  readonly pendingChanges: () => { readonly services: number; readonly slices: number };
  /** When the newest change was recorded, in milliseconds since 1970; undefined before the first. */
  readonly lastQueuedAtMs: () => number | undefined;
  /** Lines that the log could not write. */
  readonly lostLogLines: () => number;
  /** Packets by nfacct object, or why they cannot be read; absent where rules do not count. */
  readonly readNfacct?: () => Promise<ReadonlyMap<string, number> | string>;
}

export interface KubeProxyMetrics {
  /** `finishedAtMs`: when the turn was through, in milliseconds since 1970. */
  observeSync(report: SyncReport, finishedAtMs: number): void;
  /** An answer of the healthz server. */
  observeProbe(path: 'healthz' | 'livez', code: number): void;
  /** One look through the conntrack table for stale UDP entries. */
  observeConntrack(pass: ConntrackPass): void;
}

export interface ConntrackPass {
  readonly family: IpFamily;
  readonly seconds: number;
  readonly deleted: number;
}

export interface KubeProxyOptions {
  readonly instruments: Instruments;
  readonly families: readonly IpFamily[];
  readonly sources: MetricsSources;
}

export function createKubeProxyMetrics({ instruments, families, sources }: KubeProxyOptions): KubeProxyMetrics {
  const changes = createChanges(instruments, sources);
  const durations = createDurations(instruments);
  const { lastSync, noLocalEndpoints } = createStates({ instruments, families, sources });
  const probes = createProbes(instruments);
  const conntrack = createConntrack(instruments);
  return {
    observeSync: (report, finishedAtMs) => {
      // As in kube-proxy, each IP family counts a change of a Service; a slice belongs to one family.
      changes.services.inc(report.changes.services * families.length);
      changes.slices.inc(report.changes.slices);
      for (const family of report.families) {
        const { family: ip_family, result, diffMs, applyMs, withoutLocalEndpoints } = family;
        const seconds = (report.compileMs + diffMs + applyMs) / 1000;
        durations.all.observe({ ip_family }, seconds);
        (isFull(report) ? durations.full : durations.partial).observe({ ip_family }, seconds);
        if (result === 'failed') continue;
        lastSync.set({ ip_family }, finishedAtMs / 1000);
        noLocalEndpoints.set({ ip_family, traffic_policy: 'internal' }, withoutLocalEndpoints.internal);
        noLocalEndpoints.set({ ip_family, traffic_policy: 'external' }, withoutLocalEndpoints.external);
        for (const triggeredAtMs of family.triggeredAtMs) {
          // It began by the clock of another machine, which may be ahead of ours.
          durations.programming.observe({ ip_family }, Math.max(0, finishedAtMs - triggeredAtMs) / 1000);
        }
      }
    },
    observeProbe: (path, code) => probes[path].inc({ code }),
    observeConntrack: ({ family: ip_family, seconds, deleted }) => {
      conntrack.seconds.observe({ ip_family }, seconds);
      conntrack.deleted.inc({ ip_family }, deleted);
    },
  };
}

/** kube-proxy calls a sync full that writes everything; here it is one that starts from what is found in the kernel. */
export function isFull({ cause }: SyncReport): boolean {
  return cause === 'start' || cause === 'repair';
}

function createDurations({ histogram }: Instruments) {
  const labels = ['ip_family'] as const;
  const ofSync = (kind: string, what: string) =>
    histogram({
      name: `kubeproxy_sync_${kind}_duration_seconds`,
      help: `[ALPHA] SyncProxyRules latency in seconds${what}`,
      labels,
      buckets: syncSeconds,
    });
  return {
    all: ofSync('proxy_rules', ''),
    full: ofSync('full_proxy_rules', ' for full resyncs'),
    partial: ofSync('partial_proxy_rules', ' for partial resyncs'),
    programming: histogram({
      name: 'kubeproxy_network_programming_duration_seconds',
      help: '[ALPHA] In Cluster Network Programming Latency in seconds',
      labels,
      buckets: networkProgrammingSeconds,
    }),
  };
}

function createStates({ instruments: { gauge, readGauge }, families, sources }: KubeProxyOptions) {
  readGauge({
    name: 'kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds',
    help: '[ALPHA] The last time a sync of proxy rules was queued',
    series: families.map((ip_family) => ({ ip_family })),
    read: () => {
      const queuedAtMs = sources.lastQueuedAtMs();
      return queuedAtMs === undefined ? undefined : queuedAtMs / 1000;
    },
  });
  return {
    lastSync: gauge(
      'kubeproxy_sync_proxy_rules_last_timestamp_seconds',
      '[ALPHA] The last time proxy rules were successfully synced',
      ['ip_family'],
    ),
    noLocalEndpoints: gauge(
      'kubeproxy_sync_proxy_rules_no_local_endpoints_total',
      '[ALPHA] Number of services with a Local traffic policy and no endpoints',
      ['ip_family', 'traffic_policy'],
    ),
  };
}

function createChanges({ counter, readGauge }: Instruments, { pendingChanges }: MetricsSources) {
  const prefix = 'kubeproxy_sync_proxy_rules';
  readGauge({
    name: `${prefix}_endpoint_changes_pending`,
    help: '[ALPHA] Pending proxy rules Endpoint changes',
    read: () => pendingChanges().slices,
  });
  readGauge({
    name: `${prefix}_service_changes_pending`,
    help: '[ALPHA] Pending proxy rules Service changes',
    read: () => pendingChanges().services,
  });
  return {
    slices: counter(`${prefix}_endpoint_changes_total`, '[ALPHA] Cumulative proxy rules Endpoint changes'),
    services: counter(`${prefix}_service_changes_total`, '[ALPHA] Cumulative proxy rules Service changes'),
  };
}

function createProbes({ counter }: Instruments) {
  return {
    healthz: counter('kubeproxy_proxy_healthz_total', '[ALPHA] Cumulative proxy healthz HTTP status', ['code']),
    livez: counter('kubeproxy_proxy_livez_total', '[ALPHA] Cumulative proxy livez HTTP status', ['code']),
  };
}

function createConntrack({ counter, histogram }: Instruments) {
  return {
    seconds: histogram({
      name: 'kubeproxy_conntrack_reconciler_sync_duration_seconds',
      help: '[ALPHA] ReconcileConntrackFlowsLatency latency in seconds',
      labels: ['ip_family'],
      buckets: syncSeconds,
    }),
    deleted: counter(
      'kubeproxy_conntrack_reconciler_deleted_entries_total',
      '[ALPHA] Cumulative conntrack flows deleted by conntrack reconciler',
      ['ip_family'],
    ),
  };
}
