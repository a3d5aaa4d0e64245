/** HTTP requests and responses as handlers see them. */

export interface HttpRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly method: 'GET' | 'HEAD' | 'PUT';
  /** The Accept header; empty where there is none. */
  readonly accept: string;
  /** The name in the Host header, without port and in lower case; empty where there is none. */
  readonly host: string;
  /** Whether the caller has a loopback address. */
  readonly isLoopback: boolean;
  /** Of a PUT: at most 1 KiB. */
  readonly body: string;
  /** Aborts when the caller has gone away or the server closes. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly contentType: string;
  /** Names and values that we chose: nothing from the API or the request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces are made and sent one after the other, as fast as the caller reads them. */
  readonly body: string | Iterable<string> | AsyncIterable<string | Uint8Array>;
}

/** A rejection is answered with 500 and told to `onFailure` of the server. */
export type Handler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

export function textResponse(body: HttpResponse['body'], status = 200): HttpResponse {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

/** `kube-proxy` sends this type for all its JSON. */
export function jsonResponse(body: HttpResponse['body'], status = 200): HttpResponse {
  return { status, contentType: 'application/json', body };
}

export const onlyGet: HttpResponse = {
  ...textResponse('405 only GET and HEAD\n', 405),
  headers: { Allow: 'GET, HEAD' },
};

const pieceLength = 1 << 16;

/** Joins short pieces to fewer of about 64 Ki characters, and cuts long ones, so that other work gets its turn. */
export function* inPieces(parts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const part of parts) {
    piece += part;
    let start = 0;
    for (; piece.length - start >= pieceLength; start += pieceLength) yield piece.slice(start, start + pieceLength);
    piece = piece.slice(start);
  }
  if (piece !== '') yield piece;
}
