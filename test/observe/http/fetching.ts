import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { type HttpServer, type ServeOptions, serve } from '../../../src/observe/http/server.ts';

export interface Fetched {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Fetch {
  readonly host?: string;
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request on a new connection. */
export function fetchPage({ host = '127.0.0.1', body, ...options }: Fetch): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, ...options, agent: false }, (response) => {
      text(response).then((content) => {
        resolve({ status: response.statusCode, headers: response.headers, body: content });
      }, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A server on a free port of 127.0.0.1 that is closed after the test; a problem or failure fails the test. */
export function serveForTest(options: Pick<ServeOptions, 'handle'> & Partial<ServeOptions>): HttpServer {
  const server = serve({ host: '127.0.0.1', port: 0, onProblem: refuse, onFailure: refuseFailure, ...options });
  onTestFinished(() => server.close());
  return server;
}

function refuse(problem: string): void {
  throw new Error(problem);
}

function refuseFailure(_path: string, error: unknown): void {
  throw error;
}
