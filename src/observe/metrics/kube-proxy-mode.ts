/** The metrics that kube-proxy has in one of its modes only. */

import { nfacctObjects } from '../../core/iptables/names.ts';
import type { IpFamily } from '../../core/model/address.ts';
import type { ProxyMode } from '../../core/model/config.ts';
import type { SyncReport } from '../sync-report.ts';
import type { Instruments } from './instruments.ts';
import { isFull, type MetricsSources } from './kube-proxy.ts';
import { countRulesWritten } from './rules-written.ts';

/** A function that takes in reports. Failures are counted from 0, so that the first one is an increase. */
export function createModeMetrics(
  instruments: Instruments,
  mode: ProxyMode,
  families: readonly IpFamily[],
): (report: SyncReport) => void {
  return mode === 'iptables' ? createIptables(instruments, families) : createNftables(instruments, families);
}

/** What rules count in nfacct objects, where they do. All objects are read at once. */
export function createNfacctMetrics(
  { readCounter }: Instruments,
  read: NonNullable<MetricsSources['readNfacct']>,
): void {
  let reading: ReturnType<typeof read> | undefined;
  const packetsIn = async (object: string): Promise<number | undefined> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    const counts = await reading;
    return typeof counts === 'string' ? undefined : counts.get(object);
  };
  readCounter(
    'kubeproxy_iptables_ct_state_invalid_dropped_packets_total',
    '[ALPHA] packets dropped by iptables to work around conntrack problems',
    () => packetsIn(nfacctObjects.invalidDropped),
  );
  readCounter(
    'kubeproxy_iptables_localhost_nodeports_accepted_packets_total',
    '[ALPHA] Number of packets accepted on nodeports of loopback interface',
    () => packetsIn(nfacctObjects.loopbackNodePorts),
  );
}

function createIptables({ counter, gauge }: Instruments, families: readonly IpFamily[]) {
  const prefix = 'kubeproxy_sync_proxy_rules_iptables';
  const failures = counter(`${prefix}_restore_failures_total`, '[ALPHA] Cumulative proxy iptables restore failures', [
    'ip_family',
  ]);
  const partialFailures = counter(
    `${prefix}_partial_restore_failures_total`,
    '[ALPHA] Cumulative proxy iptables partial restore failures',
    ['ip_family'],
  );
  const standing = gauge(`${prefix}_total`, '[ALPHA] Total number of iptables rules owned by kube-proxy', [
    'table',
    'ip_family',
  ]);
  const written = gauge(`${prefix}_last`, '[ALPHA] Number of iptables rules written by kube-proxy in last sync', [
    'table',
    'ip_family',
  ]);
  for (const ip_family of families) {
    failures.inc({ ip_family }, 0);
    partialFailures.inc({ ip_family }, 0);
  }
  return (report: SyncReport): void => {
    for (const { family: ip_family, result, rules, text } of report.families) {
      if (result === 'failed') {
        failures.inc({ ip_family });
        if (!isFull(report)) partialFailures.inc({ ip_family });
        continue;
      }
      const counts = countRulesWritten(text);
      for (const [table, count] of Object.entries(rules)) {
        standing.set({ table, ip_family }, count);
        written.set({ table, ip_family }, counts[table] ?? 0);
      }
    }
  };
}

function createNftables({ counter }: Instruments, families: readonly IpFamily[]) {
  const prefix = 'kubeproxy_sync_proxy_rules_nftables';
  const failures = counter(`${prefix}_sync_failures_total`, '[ALPHA] Cumulative proxy nftables sync failures', [
    'ip_family',
  ]);
  // kube-proxy removes stale chains in a second transaction. Here they go in the first, so this stays 0.
  const cleanupFailures = counter(
    `${prefix}_cleanup_failures_total`,
    '[ALPHA] Cumulative proxy nftables cleanup failures',
    ['ip_family'],
  );
  for (const ip_family of families) {
    failures.inc({ ip_family }, 0);
    cleanupFailures.inc({ ip_family }, 0);
  }
  return (report: SyncReport): void => {
    for (const { family: ip_family, result } of report.families) {
      if (result === 'failed') failures.inc({ ip_family });
    }
  };
}
