import type { Metrics, MetricsOptions } from '../../../src/observe/metrics/metrics.ts';
import { createMetrics } from '../../../src/observe/metrics/metrics.ts';

export const nowMs = Date.UTC(2026, 10, 26, 11, 2, 20);

/** Where nothing has happened yet. */
export const noSources: MetricsOptions['sources'] = {
  pendingChanges: () => ({ services: 0, slices: 0 }),
  lastQueuedAtMs: () => undefined,
  lostLogLines: () => 0,
};

/** Metrics of a daemon in nftables mode with both families, in which nothing has happened yet. */
export function metricsForTest(over: Partial<MetricsOptions> = {}): Metrics {
  return createMetrics({
    mode: 'nftables',
    families: ['IPv4', 'IPv6'],
    version: '0.1.0',
    sources: noSources,
    now: () => nowMs,
    ...over,
  });
}

/** The lines of a metric, without its name and without empty buckets: `{ip_family="IPv4"} 3`. */
export async function seriesOf(metrics: Metrics, name: string): Promise<readonly string[]> {
  const lines = (await metrics.text()).split('\n');
  return lines
    .filter((line) => line.startsWith(name) && /^(_bucket|_sum|_count)?[{ ]/.test(line.slice(name.length)))
    .filter((line) => !/_bucket\{.* 0$/.test(line))
    .map((line) => line.slice(name.length).trim());
}

/** The upper bounds of a histogram's buckets. */
export async function boundsOf(metrics: Metrics, name: string): Promise<readonly number[]> {
  const bounds = [...(await metrics.text()).matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"`, 'gm'))];
  return bounds.map(([, bound]) => Number(bound?.replace('+Inf', 'Infinity')));
}
