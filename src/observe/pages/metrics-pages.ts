/** The pages of the metrics address: kube-proxy's, and more for debugging under /debug/. */
import type { Snapshot } from '../../core/model/snapshot.ts';
import { type DebugAccess, refuseDebug } from '../http/access.ts';
import { type Handler, type HttpResponse, inPieces, jsonResponse, textResponse } from '../http/response.ts';
import { createRoutes, type HttpRoute } from '../http/routes.ts';
import { type Metrics, metricsContentType } from '../metrics/metrics.ts';
import { createPingRoutes } from './ping.ts';
import { createProfileRoutes } from './profile.ts';
import { formatSnapshot } from './snapshot-page.ts';
import type { TransactionHistory } from './transactions.ts';
import { createVerbosityRoute, createZpages, type ZpagesOptions } from './zpages.ts';

export interface MetricsPagesOptions {
  readonly metrics: Pick<Metrics, 'text'>;
  readonly about: Omit<ZpagesOptions, 'paths'>;
  readonly debug: DebugSources;
  /** kube-proxy's enableProfiling. */
  readonly enableProfiling: boolean;
  readonly setVerbosity: (verbosity: number) => void;
  /** Further pages, such as /debug/verify. */
  readonly routes?: readonly HttpRoute[];
  /** Who may see the pages under /debug/. */
  readonly access: DebugAccess;
}

export interface DebugSources {
  readonly snapshot: () => Snapshot;
  /** The rules as they would be loaded, of each family one after the other; made when the page is asked for. */
  readonly ruleset: () => Iterable<string>;
  readonly transactions: TransactionHistory;
}

export function createMetricsPages(options: MetricsPagesOptions): Handler {
  const { metrics, about, debug, enableProfiling, setVerbosity, routes: further = [], access } = options;
  const answerIndex = (): HttpResponse => textResponse(formatIndex(routes.list()));
  const routes = createRoutes([
    {
      path: '/metrics',
      about: 'metrics for Prometheus',
      handler: async () => ({ status: 200, contentType: metricsContentType, body: await metrics.text() }),
    },
    ...createPingRoutes(about.startedAtMs),
    ...createZpages({ ...about, paths: () => routes.list().map(({ path }) => path) }),
    ...createDebugRoutes(debug),
    ...(enableProfiling ? [...createProfileRoutes(), createVerbosityRoute(setVerbosity)] : []),
    ...further,
    { path: '/debug/', about: 'this list', handler: answerIndex },
    { path: '/debug', handler: answerIndex },
  ]);
  return (request) => {
    const isDebug = request.path === '/debug' || request.path.startsWith('/debug/');
    return (isDebug ? refuseDebug(request, access) : undefined) ?? routes.handle(request);
  };
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
