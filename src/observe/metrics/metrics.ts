/** All metrics of the daemon, in one registry. docs/observability.md lists them; a test compares. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { IpFamily } from '../../core/model/address.ts';
import type { ProxyMode } from '../../core/model/config.ts';
import type { SyncReport } from '../sync-report.ts';
import { createInstruments } from './instruments.ts';
import { createKubeProxyMetrics, type KubeProxyMetrics, type MetricsSources } from './kube-proxy.ts';
import { createModeMetrics, createNfacctMetrics } from './kube-proxy-mode.ts';
import { createOwnMetrics, createProofMetrics, type ProofFigures } from './own.ts';
import { createRestClientMetrics, type MeasuredRequest } from './rest-client.ts';

export interface MetricsOptions {
  readonly mode: ProxyMode;
  readonly families: readonly IpFamily[];
  /** rulewright's version. */
  readonly version: string;
  readonly sources: MetricsSources;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Metrics extends Pick<KubeProxyMetrics, 'observeProbe' | 'observeConntrack'> {
  /** To be called as soon as a turn is through: now is taken for its end. */
  observeSync(report: SyncReport): void;
  observeRequest(request: MeasuredRequest): void;
  observeProof(proof: ProofFigures): void;
  /** Whether the file of --config has another text than the configuration in force. */
  observeConfigFile(differs: boolean): void;
  /** A watch that had to begin anew; `reason` is one of a few words, such as `expired` or `cut`. */
  observeWatchRestart(resource: string, reason: string): void;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  /** Every metric, whether or not it has a value. */
  list(): readonly MetricDescription[];
}

export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE;

export function createMetrics({ mode, families, version, sources, now = Date.now }: MetricsOptions): Metrics {
  const registry = new Registry();
  const instruments = createInstruments(registry);
  const kubeProxy = createKubeProxyMetrics({ instruments, families, sources });
  if (sources.readNfacct !== undefined) createNfacctMetrics(instruments, sources.readNfacct);
  const observeMode = createModeMetrics(instruments, mode, families);
  const observeOwn = createOwnMetrics(instruments);
  const watchRestarts = instruments.counter('rulewright_watch_restarts_total', 'Watches that had to begin anew', [
    'resource',
    'reason',
  ]);
  instruments.readCounter(
    'rulewright_log_lines_lost_total',
    'Lines that the log could not write',
    sources.lostLogLines,
  );
  instruments
    .gauge('rulewright_build_info', 'Always 1; the labels tell what runs', ['version', 'node_version', 'mode'])
    .set({ version, node_version: process.version, mode }, 1);
  const configDiffers = instruments.gauge(
    'rulewright_config_file_differs',
    '1 when the file of --config has changed since the start, so that a restart would apply another configuration',
  );
  collectDefaultMetrics({ register: registry });
  return {
    observeSync: (report) => {
      kubeProxy.observeSync(report, now());
      observeMode(report);
      observeOwn(report);
    },
    observeProbe: kubeProxy.observeProbe,
    observeConntrack: kubeProxy.observeConntrack,
    observeRequest: createRestClientMetrics(instruments),
    observeProof: createProofMetrics(instruments),
    observeConfigFile: (differs) => configDiffers.set(differs ? 1 : 0),
    observeWatchRestart: (resource, reason) => watchRestarts.inc({ resource, reason }),
    text: () => registry.metrics(),
    list: () => registry.getMetricsAsArray().map(describe),
  };
}

/** The type definitions of prom-client leave the label names out. */
function describe(metric: object): MetricDescription {
  const { name, help, type, labelNames } = metric as MetricDescription & { readonly labelNames: readonly string[] };
  return { name, help, type, labels: labelNames };
}
