import { describe, expect, it } from 'vitest';
import { countRulesWritten } from '../../../src/observe/metrics/rules-written.ts';
import { appliedReport, familyReport, startedAtMs, syncReport } from '../reports.ts';
import { boundsOf, metricsForTest, nowMs, seriesOf } from './reading.ts';

describe("kube-proxy's metrics", () => {
  it('of durations have an observation for each family and turn, failed ones too', async () => {
    const metrics = metricsForTest();
    metrics.observeSync(syncReport({ cause: 'start', families: [appliedReport()] }));
    metrics.observeSync(syncReport({ families: [familyReport({ family: 'IPv6', result: 'failed', applyMs: 98 })] }));
    const counts = async (kind: string): Promise<readonly string[]> =>
      (await seriesOf(metrics, `kubeproxy_sync_${kind}_duration_seconds`)).filter((line) => !line.includes('_bucket'));
    expect(await counts('proxy_rules')).toEqual([
      '_sum{ip_family="IPv4"} 0.018',
      '_count{ip_family="IPv4"} 1',
      '_sum{ip_family="IPv6"} 0.1',
      '_count{ip_family="IPv6"} 1',
    ]);
    expect(await counts('full_proxy_rules')).toEqual(['_sum{ip_family="IPv4"} 0.018', '_count{ip_family="IPv4"} 1']);
    expect(await counts('partial_proxy_rules')).toEqual(['_sum{ip_family="IPv6"} 0.1', '_count{ip_family="IPv6"} 1']);
  });

  it('have the buckets of kube-proxy', async () => {
    const metrics = metricsForTest();
    metrics.observeSync(syncReport({ families: [appliedReport({ triggeredAtMs: [startedAtMs] })] }));
    metrics.observeConntrack({ family: 'IPv4', seconds: 1, deleted: 0 });
    const sync = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192];
    for (const name of ['kubeproxy_sync_proxy_rules', 'kubeproxy_conntrack_reconciler_sync']) {
      expect(await boundsOf(metrics, `${name}_duration_seconds`)).toEqual([...sync, 16.384, Infinity]);
    }
    const programming = await boundsOf(metrics, 'kubeproxy_network_programming_duration_seconds');
    expect(programming.slice(0, 5)).toEqual([0, 0.25, 0.5, 1, 2]);
    expect(programming.slice(60)).toEqual([
      58,
      59,
      60,
      65,
      70,
      75,
      80,
      85,
      90,
      95,
      100,
      105,
      110,
      115,
      120,
      150,
      180,
      210,
      240,
      270,
      300,
      Infinity,
    ]);
    expect(programming).toHaveLength(82);
  });

  it('tell when rules were synced, and only when they were', async () => {
    const metrics = metricsForTest();
    metrics.observeSync(
      syncReport({ families: [familyReport(), familyReport({ family: 'IPv6', result: 'failed', text: 'x' })] }),
    );
    expect(await seriesOf(metrics, 'kubeproxy_sync_proxy_rules_last_timestamp_seconds')).toEqual([
      `{ip_family="IPv4"} ${nowMs / 1000}`,
    ]);
    expect(await seriesOf(metrics, 'kubeproxy_sync_proxy_rules_nftables_sync_failures_total')).toEqual([
      '{ip_family="IPv4"} 0',
      '{ip_family="IPv6"} 1',
    ]);
  });

  it('measure programming from when the controller was triggered, by families that took it in', async () => {
    const metrics = metricsForTest();
    // The second by a clock that is ahead.
    const triggeredAtMs = [nowMs - 1200, nowMs + 5000];
    const families = [appliedReport({ triggeredAtMs }), appliedReport({ family: 'IPv6', result: 'failed' })];
    metrics.observeSync(syncReport({ families }));
    const series = await seriesOf(metrics, 'kubeproxy_network_programming_duration_seconds');
    expect(series.slice(-2)).toEqual(['_sum{ip_family="IPv4"} 1.2', '_count{ip_family="IPv4"} 2']);
    expect(series).toContain('_bucket{le="0",ip_family="IPv4"} 1');
    expect(series).toContain('_bucket{le="2",ip_family="IPv4"} 2');
  });

  it('count changes, and ask for those that wait', async () => {
    let pending = { services: 0, slices: 0 };
    let queuedAtMs: number | undefined;
    const metrics = metricsForTest({
      sources: { pendingChanges: () => pending, lastQueuedAtMs: () => queuedAtMs, lostLogLines: () => 0 },
    });
    const value = (name: string) => seriesOf(metrics, `kubeproxy_sync_proxy_rules_${name}`);
    expect(await value('last_queued_timestamp_seconds')).toEqual([]);
    pending = { services: 3, slices: 5 };
    queuedAtMs = 1_700_000_000_500;
    expect(await value('service_changes_pending')).toEqual(['3']);
    expect(await value('endpoint_changes_pending')).toEqual(['5']);
    expect(await value('last_queued_timestamp_seconds')).toEqual([
      '{ip_family="IPv4"} 1700000000.5',
      '{ip_family="IPv6"} 1700000000.5',
    ]);
    metrics.observeSync(syncReport({ changes: { services: 3, slices: 5, others: 1 } }));
    metrics.observeSync(syncReport({ changes: { services: 1, slices: 0, others: 0 } }));
    // Each of the two IP families counts a Service, as in kube-proxy; a slice belongs to one.
    expect(await value('service_changes_total')).toEqual(['8']);
    expect(await value('endpoint_changes_total')).toEqual(['5']);
  });

  it('of iptables count failures and rules by table', async () => {
    const metrics = metricsForTest({ mode: 'iptables' });
    const report = appliedReport({
      mode: 'iptables',
      text: '*filter\n:KUBE-FORWARD - [0:0]\nCOMMIT\n*nat\n-A KUBE-SVC-X -j B\n-I PREROUTING -j A\n-D B\nCOMMIT\n',
      rules: { nat: 40, filter: 7 },
    });
    metrics.observeSync(syncReport({ families: [report] }));
    metrics.observeSync(syncReport({ cause: 'repair', families: [{ ...report, result: 'failed' }] }));
    metrics.observeSync(syncReport({ cause: 'retry', families: [{ ...report, result: 'failed' }] }));
    const value = (name: string) => seriesOf(metrics, `kubeproxy_sync_proxy_rules_iptables_${name}`);
    expect(await value('total')).toEqual(['{table="nat",ip_family="IPv4"} 40', '{table="filter",ip_family="IPv4"} 7']);
    expect(await value('last')).toEqual(['{table="nat",ip_family="IPv4"} 2', '{table="filter",ip_family="IPv4"} 0']);
    expect(await value('restore_failures_total')).toEqual(['{ip_family="IPv4"} 2', '{ip_family="IPv6"} 0']);
    expect(await value('partial_restore_failures_total')).toEqual(['{ip_family="IPv4"} 1', '{ip_family="IPv6"} 0']);
  });

  it('of one mode are absent in the other', () => {
    const names = (mode: 'iptables' | 'nftables') =>
      metricsForTest({ mode })
        .list()
        .map(({ name }) => name);
    expect(names('iptables').filter((name) => name.includes('nftables'))).toEqual([]);
    expect(names('nftables').filter((name) => name.includes('iptables'))).toEqual([]);
  });

  it('count what probes and conntrack did', async () => {
    const metrics = metricsForTest();
    metrics.observeProbe('healthz', 200);
    metrics.observeProbe('healthz', 503);
    metrics.observeProbe('livez', 200);
    metrics.observeConntrack({ family: 'IPv6', seconds: 0.5, deleted: 12 });
    expect(await seriesOf(metrics, 'kubeproxy_proxy_healthz_total')).toEqual(['{code="200"} 1', '{code="503"} 1']);
    expect(await seriesOf(metrics, 'kubeproxy_proxy_livez_total')).toEqual(['{code="200"} 1']);
    expect(await seriesOf(metrics, 'kubeproxy_conntrack_reconciler_deleted_entries_total')).toEqual([
      '{ip_family="IPv6"} 12',
    ]);
  });

  it('tell how many Services want a local endpoint and have none, as of the last turn', async () => {
    const metrics = metricsForTest();
    for (const internal of [7, 2]) {
      metrics.observeSync(
        syncReport({ families: [familyReport({ withoutLocalEndpoints: { internal, external: 1 } })] }),
      );
    }
    expect(await seriesOf(metrics, 'kubeproxy_sync_proxy_rules_no_local_endpoints_total')).toEqual([
      '{ip_family="IPv4",traffic_policy="internal"} 2',
      '{ip_family="IPv4",traffic_policy="external"} 1',
    ]);
  });
});

describe("client-go's metrics", () => {
  it('count requests by code, method and host', async () => {
    const metrics = metricsForTest();
    const request = { method: 'GET', host: '10.0.0.1:6443', seconds: 0.02 };
    metrics.observeRequest({ ...request, code: 200, responseBytes: 5000, rateLimitSeconds: 0.1 });
    metrics.observeRequest({ ...request, code: 'error', isRetry: true });
    expect(await seriesOf(metrics, 'rest_client_requests_total')).toEqual([
      '{code="200",method="GET",host="10.0.0.1:6443"} 1',
      '{code="<error>",method="GET",host="10.0.0.1:6443"} 1',
    ]);
    expect(await seriesOf(metrics, 'rest_client_request_retries_total')).toEqual([
      '{code="<error>",verb="GET",host="10.0.0.1:6443"} 1',
    ]);
    const counts = async (name: string) =>
      (await seriesOf(metrics, `rest_client_${name}`)).filter((line) => line.startsWith('_count'));
    expect(await counts('request_duration_seconds')).toEqual(['_count{verb="GET",host="10.0.0.1:6443"} 2']);
    expect(await counts('response_size_bytes')).toEqual(['_count{verb="GET",host="10.0.0.1:6443"} 1']);
    expect(await counts('request_size_bytes')).toEqual([]);
    expect(await counts('rate_limiter_duration_seconds')).toEqual(['_count{verb="GET",host="10.0.0.1:6443"} 1']);
    expect(await boundsOf(metrics, 'rest_client_request_duration_seconds')).toEqual([
      0.005,
      0.025,
      0.1,
      0.25,
      0.5,
      1,
      2,
      4,
      8,
      15,
      30,
      60,
      Infinity,
    ]);
  });

  it('keep a hostile label in its quotes', async () => {
    const metrics = metricsForTest();
    metrics.observeWatchRestart('services', 'x"} 1\nforged 1\\');
    const text = await metrics.text();
    expect(text).toContain('{resource="services",reason="x\\"} 1\\nforged 1\\\\"} 1\n');
    expect(text).not.toMatch(/^forged/m);
  });
});

describe("rulewright's own metrics", () => {
  it('tell what the loop did', async () => {
    const metrics = metricsForTest();
    metrics.observeSync(
      syncReport({
        cause: 'repair',
        families: [
          appliedReport({ lost: ['gone'], lockWaitMs: 500, quarantined: ['shop/web'], rules: { rulewright: 90 } }),
          familyReport({ family: 'IPv6' }),
        ],
      }),
    );
    const value = (name: string) => seriesOf(metrics, `rulewright_${name}`);
    expect(await value('syncs_total')).toEqual([
      '{ip_family="IPv4",cause="repair",result="applied"} 1',
      '{ip_family="IPv6",cause="repair",result="unchanged"} 1',
    ]);
    expect(await value('changes_total')).toEqual([
      '{ip_family="IPv4",object="elements",change="added"} 2',
      '{ip_family="IPv4",object="elements",change="changed"} 0',
      '{ip_family="IPv4",object="elements",change="removed"} 1',
      '{ip_family="IPv4",object="chains",change="added"} 0',
      '{ip_family="IPv4",object="chains",change="changed"} 0',
      '{ip_family="IPv4",object="chains",change="removed"} 0',
    ]);
    expect(await value('drift_repairs_total')).toEqual(['{ip_family="IPv4"} 1']);
    expect(await value('rules')).toEqual(['{ip_family="IPv4",table="rulewright"} 90']);
    expect(await value('quarantined_services')).toEqual(['{ip_family="IPv4"} 1', '{ip_family="IPv6"} 0']);
    expect((await value('lock_wait_seconds')).slice(-2)).toEqual([
      '_sum{ip_family="IPv4"} 0.5',
      '_count{ip_family="IPv4"} 1',
    ]);
    expect((await value('transaction_bytes')).slice(-2)).toEqual([
      '_sum{ip_family="IPv4"} 68',
      '_count{ip_family="IPv4"} 1',
    ]);
    expect((await value('transaction_objects')).slice(-2)).toEqual([
      '_sum{ip_family="IPv4"} 3',
      '_count{ip_family="IPv4"} 1',
    ]);
    expect((await value('compile_duration_seconds')).slice(-2)).toEqual(['_sum 0.0015', '_count 1']);
  });

  it('tell of a wait for the lock that was in vain', async () => {
    const metrics = metricsForTest();
    metrics.observeSync(syncReport({ families: [familyReport({ result: 'failed', lockWaitMs: 5000 })] }));
    expect((await seriesOf(metrics, 'rulewright_lock_wait_seconds')).slice(-2)).toEqual([
      '_sum{ip_family="IPv4"} 5',
      '_count{ip_family="IPv4"} 1',
    ]);
    expect(await seriesOf(metrics, 'rulewright_transaction_bytes')).toEqual([]);
  });

  it('count no change and no repair that failed', async () => {
    const metrics = metricsForTest();
    metrics.observeSync(syncReport({ families: [appliedReport({ result: 'failed', lost: ['gone'] })] }));
    expect(await seriesOf(metrics, 'rulewright_changes_total')).toEqual([]);
    expect(await seriesOf(metrics, 'rulewright_drift_repairs_total')).toEqual([]);
    expect((await seriesOf(metrics, 'rulewright_apply_duration_seconds')).at(-1)).toBe('_count{ip_family="IPv4"} 1');
  });
});

describe('countRulesWritten', () => {
  it('counts per table what is added, and nothing in between', () => {
    const text =
      '*nat\n:A - [0:0]\n-A A -m comment --comment "-A B" -j C\n-R A 1 -j D\n-F A\n-X A\nCOMMIT\n*filter\nCOMMIT\n';
    expect(countRulesWritten(text)).toEqual({ nat: 2, filter: 0 });
    expect(countRulesWritten('')).toEqual({});
  });
});
