/** One request: checked, handed to the handler, answered. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { isLoopback } from './connections.ts';
import { type Handler, type HttpRequest, type HttpResponse, onlyGet, textResponse } from './response.ts';

export interface SendOptions {
  readonly handle: Handler;
  /** A handler threw, which is a bug of ours. */
  readonly onFailure: (path: string, error: unknown) => void;
}

/** Rejects for an answer that cannot be sent, which is a bug of ours. */
export async function answerRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  { handle, onFailure }: SendOptions,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const answer = await makeAnswer(incoming, gone.signal, { handle, onFailure });
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    'Content-Type': answer.contentType,
    'X-Content-Type-Options': 'nosniff',
    ...(typeof answer.body === 'string' ? { 'Content-Length': Buffer.byteLength(answer.body) } : {}),
    ...answer.headers,
    // Only the body of a PUT is read: the connection ends with the response.
    ...(hasBody(incoming) ? { Connection: 'close' } : {}),
  });
  if (incoming.method === 'HEAD') {
    response.end();
  } else if (typeof answer.body === 'string') {
    response.end(answer.body);
  } else {
    await sendPieces(answer.body, response, (error) => onFailure(incoming.url ?? '', error));
  }
}

async function makeAnswer(incoming: IncomingMessage, signal: AbortSignal, options: SendOptions): Promise<HttpResponse> {
  const { method } = incoming;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'PUT') return onlyGet;
  const body = method === 'PUT' ? await readBody(incoming) : '';
  if (body === undefined) return textResponse(`413 at most ${maxBodyLength} bytes\n`, 413);
  const request = readRequest(incoming, { method, body, signal });
  if (request === undefined) return textResponse('400 not a path\n', 400);
  try {
    return await options.handle(request);
  } catch (error) {
    // The caller has gone, which may be why the handler failed.
    if (!signal.aborted) options.onFailure(request.path, error);
    return textResponse('500 failed, see the log\n', 500);
  }
}

function readRequest(
  { url = '', headers, socket: { remoteAddress } }: IncomingMessage,
  known: Pick<HttpRequest, 'method' | 'body' | 'signal'>,
): HttpRequest | undefined {
  const [path, query] = url.split('?', 2);
  if (path === undefined || !path.startsWith('/')) return undefined;
  return {
    ...known,
    path,
    query: new URLSearchParams(query),
    accept: headers.accept ?? '',
    host: (headers.host ?? '').toLowerCase().replace(/:\d*$/, ''),
    isLoopback: isLoopback(remoteAddress),
  };
}

/** Bytes: a page that takes PUT takes a word. */
const maxBodyLength = 1024;

/** Undefined when it is too long; the server's limits end what comes too slowly. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyLength) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The pieces wait for the caller to read; a caller who goes away ends it. */
async function sendPieces(
  pieces: Exclude<HttpResponse['body'], string>,
  response: ServerResponse,
  onFailure: (error: unknown) => void,
): Promise<void> {
  try {
    await pipeline(Readable.from(inTurns(pieces)), response);
  } catch (error) {
    const isClosedEarly = error instanceof Error && 'code' in error && closedEarly.includes(error.code);
    if (!isClosedEarly) onFailure(error);
  }
}

const closedEarly: readonly unknown[] = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'];

/** Lets the rest of the program run after each piece: a caller who reads fast would otherwise keep it for himself. */
async function* inTurns(pieces: Exclude<HttpResponse['body'], string>): AsyncGenerator<string | Uint8Array> {
  for await (const piece of pieces) {
    yield piece;
    await setImmediate();
  }
}
