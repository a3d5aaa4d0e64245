/** The server on the metrics address: kube-proxy's pages, and read-only pages for debugging under /debug/. */
import type { Snapshot } from '../../core/model/snapshot.ts';
import { inPieces, jsonResponse, textResponse } from '../http/response.ts';
import { createRoutes, type HttpRoute } from '../http/routes.ts';
import { type HttpServer, type ServeOptions, serve } from '../http/server.ts';
import { type Metrics, metricsContentType } from '../metrics/metrics.ts';
import { createProfileRoutes } from './profile.ts';
import { formatSnapshot } from './snapshot-page.ts';
import type { TransactionHistory } from './transactions.ts';
import { createZpages, type ZpagesOptions } from './zpages.ts';

export interface MetricsServerOptions {
  readonly serve: Omit<ServeOptions, 'handle'>;
  readonly metrics: Pick<Metrics, 'text'>;
  readonly about: Omit<ZpagesOptions, 'paths'>;
  readonly debug: DebugSources;
  /** kube-proxy's enableProfiling. */
  readonly enableProfiling: boolean;
  /** Further pages, such as /debug/verify. */
  readonly routes?: readonly HttpRoute[];
}

export interface DebugSources {
  readonly snapshot: () => Snapshot;
  /** The rules as they would be loaded, of each family one after the other; made when the page is asked for. */
  readonly ruleset: () => Iterable<string>;
  readonly transactions: TransactionHistory;
}

export function startMetricsServer(options: MetricsServerOptions): HttpServer {
  const { metrics, about, debug, enableProfiling, routes: further = [] } = options;
  const routes = createRoutes([
    {
      path: '/metrics',
      about: 'metrics for Prometheus',
      handler: async () => ({ status: 200, contentType: metricsContentType, body: await metrics.text() }),
    },
    // It answers, that is all it says; /healthz of the healthz address tells whether the proxy keeps up.
    { path: '/healthz', about: 'ok', handler: () => textResponse('ok') },
    ...createZpages({ ...about, paths: () => routes.list().map(({ path }) => path) }),
    ...createDebugRoutes(debug),
    ...(enableProfiling ? createProfileRoutes() : []),
    ...further,
    { path: '/debug/', handler: () => textResponse(formatIndex(routes.list())) },
  ]);
  return serve({ ...options.serve, handle: routes.handle });
}

function createDebugRoutes({ snapshot, ruleset, transactions }: DebugSources): readonly HttpRoute[] {
  return [
    {
      path: '/debug/snapshot',
      about: 'what is known of the cluster',
      handler: () => jsonResponse(inPieces(formatSnapshot(snapshot()))),
    },
    {
      path: '/debug/ruleset',
      about: 'the rules as they would be loaded',
      handler: () => textResponse(inPieces(ruleset())),
    },
    {
      path: '/debug/transactions',
      about: 'what was sent to the kernel lately',
      handler: () => textResponse(inPieces(transactions.page())),
    },
  ];
}

function formatIndex(routes: readonly HttpRoute[]): string {
  const listed = routes.filter(({ about }) => about !== undefined);
  const width = Math.max(...listed.map(({ path }) => path.length));
  return listed.map(({ path, about }) => `${path.padEnd(width)}  ${about}\n`).join('');
}
