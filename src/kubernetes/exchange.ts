/** One HTTP request and its answer, over a connection of its own, with limits to every wait. */
import http, { type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { ApiFailure } from './api-failure.ts';
import { describeConnectionProblem } from './connection-problem.ts';
import { durationText } from './plain-text.ts';

export interface Exchange {
  readonly url: URL;
  /** TLS, headers and agent. */
  readonly options: RequestOptions;
  readonly body?: string | undefined;
  readonly answerMs: number;
  /** Ends it at any time, its connection included. */
  readonly signal: AbortSignal;
}

/**
 * Before the first byte may be lost with its machine: the kernel asks the peer after so long, and libuv makes it give
 * up ten seconds later.
 */
const keepAliveAfterMs = 15_000;

/** Connections are not kept for the next request: a watch holds its own for minutes, and idle ones die unnoticed. */
const agents = {
  'http:': new http.Agent({ keepAlive: false }),
  'https:': new https.Agent({ keepAlive: false }),
};

/** Resolves when the head of the answer is there. Rejects with an ApiFailure; when the signal aborted, with anything. */
export function sendRequest({ url, options, body, answerMs, signal }: Exchange): Promise<IncomingMessage> {
  const { request: open, protocol } =
    url.protocol === 'https:'
      ? { request: https.request, protocol: 'https:' as const }
      : { request: http.request, protocol: 'http:' as const };
  return new Promise((resolve, reject) => {
    const request = open(url, { agent: agents[protocol], ...options, signal });
    const timer = setTimeout(() => {
      request.destroy(new ApiFailure('unreachable', `${url.origin}: no answer within ${durationText(answerMs)}`));
    }, answerMs);
    request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveAfterMs));
    request.on('response', resolve);
    request.on('error', (error) => {
      reject(
        error instanceof ApiFailure
          ? error
          : new ApiFailure('unreachable', `${url.origin}: ${describeConnectionProblem(error)}`),
      );
    });
    request.once('response', () => clearTimeout(timer));
    request.once('close', () => clearTimeout(timer));
    request.end(body);
  });
}

/**
 * The pieces of an answer as they come. Fails when none comes for as long as `quietMs` says (asked again after each
 * piece), and when the connection is cut before the answer is complete. Whoever stops early closes the connection.
 */
export async function* readChunks(response: IncomingMessage, quietMs: () => number): AsyncGenerator<Buffer, void> {
  let timer: NodeJS.Timeout | undefined;
  const expect = () => {
    clearTimeout(timer);
    const ms = quietMs();
    timer = setTimeout(() => response.destroy(new ApiFailure('silent', `nothing came for ${durationText(ms)}`)), ms);
  };
  try {
    expect();
    for await (const chunk of response) {
      yield chunk as Buffer;
      expect();
    }
  } catch (error) {
    throw error instanceof ApiFailure ? error : new ApiFailure('unreachable', describeConnectionProblem(error));
  } finally {
    clearTimeout(timer);
    response.destroy();
  }
}
