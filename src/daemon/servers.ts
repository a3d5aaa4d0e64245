/** The daemon's HTTP servers: the healthz address, the metrics address, and a debug address where there is one. */
import type { HostPort } from '../configuration/host-port.ts';
import type { ProxySettings } from '../configuration/settings.ts';
import type { ProxyMode } from '../core/model/config.ts';
import { printRules } from '../core/rules.ts';
import type { Health } from '../observe/health/health.ts';
import { createProbes } from '../observe/health/probes.ts';
import type { Readiness } from '../observe/health/readiness.ts';
import type { Handler } from '../observe/http/response.ts';
import { createRoutes, type HttpRoute } from '../observe/http/routes.ts';
import { type HttpServer, type ServeOptions, serve } from '../observe/http/server.ts';
import type { Log } from '../observe/logs/log.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import { createMetricsPages } from '../observe/pages/metrics-pages.ts';
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
  readonly nodeName: string;
  readonly about: Pick<ZpagesOptions, 'flags' | 'config' | 'version'>;
  readonly standing: () => Standing;
  /** Further pages of the metrics address. */
  readonly routes: readonly HttpRoute[];
  readonly debug: DebugSettings;
  readonly setVerbosity: (verbosity: number) => void;
  /** A server that has to listen (bindAddressHardFail) cannot. */
  readonly onFailedStart: (server: ServerName, problem: string) => void;
}

/** Of the daemon's own servers. */
export type ServerName = 'healthz' | 'metrics' | 'debug';

/** Where the pages under /debug/ are, besides the loopback addresses of the metrics address. */
export interface DebugSettings {
  readonly address: HostPort | undefined;
  /** Names that callers may have for this node. */
  readonly allowedHosts: readonly string[];
}

/** The running servers. */
export interface Servers {
  /** Rejects with a StartError when a server cannot listen and bindAddressHardFail is set; never resolves. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Starts those servers that have an address. */
export function startServers(options: ServersOptions): Servers {
  const { settings, health, readiness, metrics, debug, onFailedStart } = options;
  const servers: (readonly [ServerName, HttpServer])[] = [];
  const start = (name: ServerName, address: HostPort | undefined, handle: Handler): void => {
    if (address !== undefined) servers.push([name, serve({ ...serveOptions(name, address, options), handle })]);
  };
  const probes = createRoutes(
    createProbes({
      ...{ status: health.status, readiness: readiness.status },
      ...{ now: Date.now, observeProbe: metrics.observeProbe },
    }),
  );
  start('healthz', settings.healthzBindAddress, probes.handle);
  start('metrics', settings.metricsBindAddress, pagesOf(options, false));
  start('debug', debug.address, pagesOf(options, true));
  return {
    failed: new Promise((_, reject) => {
      for (const [name, { listening }] of servers) {
        listening.catch(({ message }: Error) => {
          // One that is closed before it listens has not failed.
          if (settings.bindAddressHardFail) onFailedStart(name, message);
          reject(new StartError(`${message} (unset bindAddressHardFail to retry instead)`));
        });
      }
    }),
    close: async () => {
      await Promise.all(servers.map(([, server]) => server.close()));
    },
  };
}

function pagesOf(options: ServersOptions, isOpen: boolean): Handler {
  const { settings, metrics, history, mode, about, standing, routes, debug, setVerbosity } = options;
  return createMetricsPages({
    metrics,
    about: { ...about, mode, startedAtMs: Date.now(), now: Date.now },
    debug: { snapshot: () => standing().snapshot, ruleset: () => currentRules(standing()), transactions: history },
    enableProfiling: settings.enableProfiling,
    setVerbosity,
    routes,
    access: { allowedHosts: [...debug.allowedHosts, options.nodeName], isOpen },
  });
}

function serveOptions(
  name: ServerName,
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
