/**
 * An API server for tests: real HTTP or HTTPS, lists and watches of the four kinds that rulewright reads, Events, and
 * faults on request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerBody, answerStatus, type StatusAnswer } from './answer.ts';
import type { Certificates } from './certificates.ts';
import { createEventStore, type EventStore, type PostedEvent } from './event-store.ts';
import { createFaultPlan, type FaultPlan, type FaultRule, type Verb } from './faults.ts';
import { type Accepts, isLetIn } from './let-in.ts';
import { type Listener, listen, type OpenDoor } from './listener.ts';
import { listPage } from './lists.ts';
import { findRoute, type Target } from './routes.ts';
import { createStore, type Store } from './store.ts';
import { createWatches, type Watches, type WatchOptions } from './watches.ts';

export interface ApiServerOptions extends Partial<WatchOptions> {
  /** HTTPS with these; clients may show a certificate. Plain HTTP when absent. */
  readonly certificates?: Certificates;
  readonly accepts?: Accepts;
  /** Kinds that this server does not have. */
  readonly lacks?: readonly string[];
  /** Goes before all paths. */
  readonly prefix?: string;
  /** Where it listens; in this process' network namespace when absent. */
  readonly openDoor?: OpenDoor;
}

export interface RequestRecord {
  readonly verb: Verb;
  readonly kind: string;
  readonly query: URLSearchParams;
  readonly userAgent: string;
}

export interface ApiServer extends Store, Omit<Listener, 'origin'>, Pick<Watches, 'sendBookmarks' | 'openWatches'> {
  /** With the prefix. */
  readonly url: string;
  readonly fault: (rule: FaultRule) => void;
  readonly clearFaults: () => void;
  /** May be changed while it runs, as may the kinds that it lacks. */
  readonly accepts: Accepts;
  readonly lacks: Set<string>;
  readonly requests: readonly RequestRecord[];
  readonly events: ReadonlyMap<string, PostedEvent>;
}

export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { certificates, accepts = {}, prefix = '' } = options;
  const { initialEvents = 'streamed', futureVersions = 'refused', watchMs } = options;
  const watchOptions = { initialEvents, futureVersions, watchMs };
  const store: Store = createStore((change) => watches.changed(change));
  const watches = createWatches(store, watchOptions);
  const parts: Parts = {
    accepts: { ...accepts },
    lacks: new Set(options.lacks),
    requests: [],
    faults: createFaultPlan(),
    events: createEventStore(),
    store,
    watches,
    watchOptions,
    prefix,
  };
  const listener = await listen(
    (request, response) => {
      answer(parts, request, response).catch((error: unknown) => response.destroy(error as Error));
    },
    certificates,
    options.openDoor,
  );
  return {
    ...listener,
    ...store,
    url: `${listener.origin}${prefix}`,
    sendBookmarks: watches.sendBookmarks,
    openWatches: watches.openWatches,
    fault: parts.faults.add,
    clearFaults: parts.faults.clear,
    accepts: parts.accepts,
    lacks: parts.lacks,
    requests: parts.requests,
    events: parts.events.all,
  };
}

interface Parts {
  readonly accepts: Accepts;
  readonly lacks: Set<string>;
  readonly requests: RequestRecord[];
  readonly faults: FaultPlan;
  readonly events: EventStore;
  readonly store: Store;
  readonly watches: Watches;
  readonly watchOptions: WatchOptions;
  readonly prefix: string;
}

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://server');
  const query = url.searchParams;
  const path = url.pathname.startsWith(parts.prefix) ? url.pathname.slice(parts.prefix.length) : '';
  const target = findRoute(path, request.method ?? '', query);
  if (target === undefined || parts.lacks.has(target.kind)) return answerStatus(response, notFound);
  const { verb, kind } = target;
  parts.requests.push({ verb, kind, query, userAgent: request.headers['user-agent'] ?? '' });
  if (!isLetIn(request, parts.accepts)) return answerStatus(response, unauthorized);
  const fault = parts.faults.take({ verb, kind, initial: query.get('sendInitialEvents') === 'true' });
  if (fault?.does === 'status') return answerStatus(response, { message: refusal(target), ...fault });
  if (fault?.does === 'hang') return;
  if (verb === 'watch') {
    const refused = refuseWatch(parts, query);
    if (refused !== undefined) return answerStatus(response, refused);
    return parts.watches.open(target, query, response, fault);
  }
  const result =
    verb === 'list' ? listPage(parts.store, target, query) : await writeEvent(parts.events, target, request);
  if (typeof result === 'string') return answerBody(response, result, fault);
  return answerStatus(response, result);
}

const notFound: StatusAnswer = { code: 404, reason: 'NotFound', message: '404 page not found' };
const unauthorized: StatusAnswer = { code: 401, reason: 'Unauthorized', message: 'Unauthorized' };

function refusal({ verb, plural, group }: Target): string {
  const user = 'User "system:serviceaccount:default:nobody"';
  const what = `resource "${plural}" in API group "${group}" at the cluster scope`;
  return `${plural} is forbidden: ${user} cannot ${verb} ${what}`;
}

function refuseWatch({ store, watchOptions }: Parts, query: URLSearchParams): StatusAnswer | undefined {
  if (query.get('sendInitialEvents') === 'true' && watchOptions.initialEvents === 'refused') {
    const message = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
    return { code: 422, reason: 'Invalid', message };
  }
  const asked = Number(query.get('resourceVersion') ?? 0);
  if (asked <= store.version() || watchOptions.futureVersions === 'awaited') return undefined;
  return {
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${asked}, current: ${store.version()}`,
    details: {
      retryAfterSeconds: 1,
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    },
  };
}

/** The Event as it is now, or why not. */
async function writeEvent(
  events: EventStore,
  target: Target,
  request: IncomingMessage,
): Promise<string | StatusAnswer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { namespace = '', name = '' } = target;
  const body = Buffer.concat(pieces).toString('utf8');
  return (name === '' ? events.create(namespace, body) : events.patch(namespace, name, body)) ?? body;
}
