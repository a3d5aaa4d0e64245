/** The daemon's two HTTP servers: the healthz address and the metrics address. */
import type { HostPort } from '../configuration/host-port.ts';
import type { ProxySettings } from '../configuration/settings.ts';
import type { ProxyMode } from '../core/model/config.ts';
import { printRules } from '../core/rules.ts';
import type { Health } from '../observe/health/health.ts';
import { createProbes } from '../observe/health/probes.ts';
import type { Readiness } from '../observe/health/readiness.ts';
import { createRoutes, type HttpRoute } from '../observe/http/routes.ts';
import { type HttpServer, type ServeOptions, serve } from '../observe/http/server.ts';
import type { Log } from '../observe/logs/log.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import { startMetricsServer } from '../observe/pages/metrics-server.ts';
import type { TransactionHistory } from '../observe/pages/transactions.ts';
import type { ZpagesOptions } from '../observe/pages/zpages.ts';
import type { Standing } from './loop.ts';
import { StartError } from './start-error.ts';

/** What the servers show. */
export interface ServersOptions {
  readonly settings: ProxySettings;
  readonly log: Log;
  readonly health: Health;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly history: TransactionHistory;
  readonly mode: ProxyMode;
  readonly about: Pick<ZpagesOptions, 'flags' | 'config' | 'version'>;
  readonly standing: () => Standing;
  /** Further pages of the metrics address. */
  readonly routes: readonly HttpRoute[];
}

/** The running servers. */
export interface Servers {
  /** Rejects with a StartError when a server cannot listen and bindAddressHardFail is set; never resolves. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Starts those servers that have an address. */
export function startServers(options: ServersOptions): Servers {
  const { settings, health, readiness, metrics, history, mode, about, standing, routes } = options;
  const servers: HttpServer[] = [];
  const probes = createRoutes(
    createProbes({
      ...{ status: health.status, readiness: readiness.status },
      ...{ now: Date.now, observeProbe: metrics.observeProbe },
    }),
  );
  if (settings.healthzBindAddress !== undefined) {
    servers.push(serve({ ...serveOptions('healthz', settings.healthzBindAddress, options), handle: probes.handle }));
  }
  if (settings.metricsBindAddress !== undefined) {
    servers.push(
      startMetricsServer({
        serve: serveOptions('metrics', settings.metricsBindAddress, options),
        metrics,
        about: { ...about, mode, startedAtMs: Date.now(), now: Date.now },
        debug: {
          snapshot: () => standing().snapshot,
          ruleset: () => currentRules(standing()),
          transactions: history,
        },
        enableProfiling: settings.enableProfiling,
        routes,
      }),
    );
  }
  return {
    failed: new Promise((_, reject) => {
      const fail = ({ message }: Error): void =>
        reject(new StartError(`${message} (unset bindAddressHardFail to retry instead)`));
      for (const { listening } of servers) listening.catch(fail);
    }),
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

function serveOptions(
  name: string,
  { host, port }: HostPort,
  { settings, log }: ServersOptions,
): Omit<ServeOptions, 'handle'> {
  return {
    host,
    port,
    hardFail: settings.bindAddressHardFail,
    onProblem: (problem) => log.error(`The ${name} server cannot listen yet: retrying`, { problem }),
    onFailure: (path, error) => log.error('A request could not be answered: a bug', { path, error: String(error) }),
  };
}

function* currentRules({ families }: Standing): Generator<string> {
  for (const { kernel, rules } of families) {
    yield `# ${kernel.family}, ${kernel.tool}\n`;
    yield rules === undefined ? '# nothing was programmed yet\n' : printRules(rules);
  }
}
