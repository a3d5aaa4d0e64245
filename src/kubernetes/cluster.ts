/** The connection to one cluster's API server. */

import { type Clock, systemClock } from '../clock.ts';
import type { SourceProgress } from '../core/snapshot/source.ts';
import { ApiFailure } from './connection/api-failure.ts';
import { type ClientObserver, noObserver } from './connection/client-observer.ts';
import { ConnectError } from './connection/connect-error.ts';
import { createCredentials } from './connection/credentials.ts';
import { readChunks, sendRequest } from './connection/exchange.ts';
import { type ConfigLocation, connectionRemarks, loadConfig } from './connection/load-config.ts';
import { createRateLimit } from './connection/rate-limit.ts';
import { type Asked, failureOfAnswer } from './connection/status.ts';
import { defaultTiming, durationText, type Patience, type Timing } from './timing.ts';

export interface ConnectOptions extends ConfigLocation {
  /** Requests a second, on average and at once; no limit when qps is not positive. */
  readonly qps: number;
  readonly burst: number;
  /** What requests call their sender. */
  readonly userAgent?: string;
  readonly timing?: Partial<Timing>;
  readonly clock?: Clock;
  readonly observer?: ClientObserver;
}

/** A request to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** With the query. */
  readonly path: string;
  readonly asked: Asked;
  readonly body?: string;
  readonly contentType?: string;
  /** Not counted by the rate limit: it follows another one, whose answer held it back. */
  readonly isContinued?: boolean;
  /** How long to wait for the next piece of the answer, asked before each; the usual time when absent. */
  readonly patience?: () => Patience;
}

/** Sends requests to one API server. */
export interface Cluster {
  /** `https://10.0.0.1:6443`, for people. */
  readonly server: string;
  /** What an operator should know of how requests travel there. */
  readonly remarks: readonly SourceProgress[];
  /**
   * The pieces of a 2xx answer. Rejects with an ApiFailure, also while the pieces are read; when the signal aborted,
   * with anything.
   */
  readonly request: (request: ApiRequest, signal: AbortSignal) => Promise<AsyncGenerator<Buffer, void>>;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly observer: ClientObserver;
}

/** Reads the configuration; nothing is sent yet. Throws a ConnectError. */
export function connectToCluster(options: ConnectOptions): Cluster {
  const load = () => loadConfig(options);
  const config = load();
  const base = parseServer(config.getCurrentCluster()?.server ?? '');
  const { clock = systemClock, userAgent = 'rulewright', observer = noObserver } = options;
  const timing = { ...defaultTiming, ...options.timing };
  const credentials = createCredentials(config, load);
  const mayGo = createRateLimit(clock, options);
  const hint = options.kubeconfig === '' && options.master === '' ? inClusterHint : '';

  const send = async ({ method, path, body, contentType }: ApiRequest, signal: AbortSignal) => {
    const { headers, ...tls } = await credentials.options(timing.answerMs, signal);
    const sent = { Accept: 'application/json', 'User-Agent': userAgent, ...headers };
    const described =
      body === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) };
    const url = new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base);
    return sendRequest({
      url,
      options: { ...tls, method, headers: { ...sent, ...described } },
      body,
      answerMs: timing.answerMs,
      onPeer: observer.reached,
      signal,
    });
  };

  return {
    server: base.origin,
    remarks: connectionRemarks(config),
    clock,
    timing,
    observer,
    request: async (request, signal) => {
      const askedAtMs = clock.nowMs();
      if (request.isContinued !== true) await mayGo(signal);
      signal.throwIfAborted();
      const sentAtMs = clock.nowMs();
      const { method, body } = request;
      const observe = (status: number | 'error', length?: string): void => {
        const seconds = (clock.nowMs() - sentAtMs) / 1000;
        const rateLimitSeconds = (sentAtMs - askedAtMs) / 1000;
        observer.answered({
          ...{ method, host: base.host, code: status, seconds, rateLimitSeconds },
          ...(body === undefined ? {} : { requestBytes: Buffer.byteLength(body) }),
          ...(length === undefined ? {} : { responseBytes: Number(length) }),
        });
      };
      const response = await send(request, signal).catch((error: unknown) => {
        if (!signal.aborted) observe('error');
        throw error instanceof ApiFailure ? new ApiFailure(error.reason, `${error.message}${hint}`) : error;
      });
      const code = response.statusCode ?? 0;
      observe(code, response.headers['content-length']);
      const chunks = readChunks(response, request.patience ?? patienceFrom(clock, timing));
      if (code >= 200 && code < 300) return chunks;
      if (code === 401) credentials.renew();
      const answer = { code, body: await readText(chunks), retryAfter: response.headers['retry-after'] };
      throw failureOfAnswer(request.asked, answer, clock.wallMs());
    },
  };
}

/** For an answer that begins now: a limit between its pieces, and one for the whole. */
function patienceFrom(clock: Clock, { quietMs, wholeMs }: Timing): () => Patience {
  const startedAtMs = clock.nowMs();
  return () => {
    const restMs = startedAtMs + wholeMs - clock.nowMs();
    return restMs < quietMs
      ? { ms: restMs, problem: `the answer is not complete after ${durationText(wholeMs)}` }
      : { ms: quietMs, problem: `nothing came for ${durationText(quietMs)}` };
  };
}

/** The address that pods use is a Service: before the first sync of a node there may be nothing that makes it work. */
const inClusterHint =
  ' (this is the address for pods, a Service itself; give --master or a kubeconfig with the address of the API server)';

function parseServer(server: string): URL {
  const url = URL.parse(server);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ConnectError('the address of the API server is not a URL; write it like https://10.0.0.1:6443');
  }
  // A name and password there would end up in logs.
  url.username = '';
  url.password = '';
  return url;
}

/** Enough for any Status; a proxy's page of HTML may be longer. */
const longestBody = 65_536;

async function readText(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) {
    text += chunk.toString('utf8');
    if (text.length > longestBody) break;
  }
  return text;
}
