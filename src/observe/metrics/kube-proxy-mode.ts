/** The metrics that kube-proxy has in one of its modes only. */

import { nfacctObjects } from '../../core/iptables/names.ts';
import type { IpFamily } from '../../core/model/address.ts';
import type { ProxyMode } from '../../core/model/config.ts';
import type { SyncReport } from '../sync-report.ts';
import type { Instruments } from './instruments.ts';
import { isFull, type MetricsSources } from './kube-proxy.ts';
import { countRulesWritten } from './rules-written.ts';

/** A function that takes in reports. */
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

function createIptables(instruments: Instruments, families: readonly IpFamily[]) {
  const prefix = 'kubeproxy_sync_proxy_rules_iptables';
  const counted = fromZero(instruments, families);
  const perTable = (name: string, help: string) =>
    instruments.gauge(`${prefix}_${name}`, `[ALPHA] ${help}`, ['table', 'ip_family']);
  const failures = counted(`${prefix}_restore_failures_total`, 'Cumulative proxy iptables restore failures');
  const partialFailures = counted(
    `${prefix}_partial_restore_failures_total`,
    'Cumulative proxy iptables partial restore failures',
  );
  const standing = perTable('total', 'Total number of iptables rules owned by kube-proxy');
  const written = perTable('last', 'Number of iptables rules written by kube-proxy in last sync');
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

function createNftables(instruments: Instruments, families: readonly IpFamily[]) {
  const prefix = 'kubeproxy_sync_proxy_rules_nftables';
  const counted = fromZero(instruments, families);
  const failures = counted(`${prefix}_sync_failures_total`, 'Cumulative proxy nftables sync failures');
  // kube-proxy removes stale chains in a second transaction. Here they go in the first, so this stays 0.
  counted(`${prefix}_cleanup_failures_total`, 'Cumulative proxy nftables cleanup failures');
  return (report: SyncReport): void => {
    for (const { family: ip_family, result } of report.families) {
      if (result === 'failed') failures.inc({ ip_family });
    }
  };
}

/** Counters by IP family that begin at 0, so that the first failure is an increase. */
function fromZero({ counter }: Instruments, families: readonly IpFamily[]) {
  return (name: string, help: string) => {
    const made = counter(name, `[ALPHA] ${help}`, ['ip_family']);
    for (const ip_family of families) made.inc({ ip_family }, 0);
    return made;
  };
}
