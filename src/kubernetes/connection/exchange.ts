/** One HTTP request and its answer, over a connection of its own, with limits to every wait. */
import http, { type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { durationText, type Patience } from '../timing.ts';
import { ApiFailure } from './api-failure.ts';
import { describeConnectionProblem } from './problem.ts';

export interface Exchange {
  readonly url: URL;
  /** TLS, headers and agent. */
  readonly options: RequestOptions;
  readonly body?: string | undefined;
  readonly answerMs: number;
  /** Told where the connection leads to. */
  readonly onPeer?: (address: string, port: number) => void;
  /** Ends it at any time, its connection included. */
  readonly signal: AbortSignal;
}

/**
 * A peer that vanishes with its machine says nothing. After so much silence the kernel asks it, every second; libuv
 * makes it give up after ten.
 */
const keepAliveAfterMs = 15_000;

/** Connections are not kept for the next request: a watch holds its own for minutes, and idle ones die unnoticed. */
const httpAgent = new http.Agent({ keepAlive: false });
const httpsAgent = new https.Agent({ keepAlive: false });

/** Resolves with the head of the answer. Rejects with an ApiFailure; when the signal aborted, with anything. */
export function sendRequest({ url, options, body, answerMs, onPeer, signal }: Exchange): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? https.request(url, { agent: httpsAgent, ...options, signal })
        : http.request(url, { agent: httpAgent, ...options, signal });
    const fail = (error: unknown): void => {
      const { message } = error instanceof ApiFailure ? error : { message: describeConnectionProblem(error) };
      reject(new ApiFailure('unreachable', `${url.origin}: ${message}`));
    };
    // A request that waits for a proxy has no socket yet, and does not say that it was destroyed.
    const giveUp = (error: ApiFailure): void => {
      fail(error);
      request.destroy(error);
    };
    const timer = setTimeout(() => {
      giveUp(new ApiFailure('unreachable', `no answer within ${durationText(answerMs)}`));
    }, answerMs);
    const abort = (): void => giveUp(new ApiFailure('unreachable', 'the request was given up'));
    signal.addEventListener('abort', abort, { once: true });
    request.once('socket', (socket) => {
      socket.setKeepAlive(true, keepAliveAfterMs);
      if (onPeer !== undefined) tellPeer(socket, url, onPeer);
    });
    request.once('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    request.once('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    });
    // More than once: an error after the answer has begun is the reader's, and has no promise to reject.
    request.on('error', fail);
    request.end(body);
  });
}

/** What a name stands for is told before it is tried: a connection that leads elsewhere may never come about. */
function tellPeer(socket: Socket, url: URL, onPeer: NonNullable<Exchange['onPeer']>): void {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const tell = (): void => {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress !== undefined && remotePort !== undefined) onPeer(remoteAddress, remotePort);
  };
  socket.on('lookup', (error, address) => {
    if (!error) onPeer(address, port);
  });
  if (socket.connecting) socket.once('connect', tell);
  else tell();
}

/**
 * The pieces of an answer as they come. Fails when the next one takes longer than `patience` allows (asked again after
 * each piece), and when the connection is cut before the answer is complete. Stopping early closes the connection.
 */
export async function* readChunks(response: IncomingMessage, patience: () => Patience): AsyncGenerator<Buffer, void> {
  let timer: NodeJS.Timeout | undefined;
  const expect = () => {
    clearTimeout(timer);
    const { ms, problem } = patience();
    timer = setTimeout(() => response.destroy(new ApiFailure('silent', problem)), Math.max(1, ms));
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
