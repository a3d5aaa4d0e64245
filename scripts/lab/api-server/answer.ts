/** How the test API server writes answers that end. */
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from './faults.ts';

export interface StatusAnswer {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: unknown;
  readonly retryAfter?: string;
}

/** The Status object of an API server. */
export function statusObject({ code, reason = '', message = '', details }: StatusAnswer): unknown {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
}

export function answerStatus(response: ServerResponse, status: StatusAnswer): void {
  const headers = status.retryAfter === undefined ? {} : { 'Retry-After': status.retryAfter };
  response.writeHead(status.code, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(statusObject(status)));
}

/** Writes the body of an answer, with the fault that strikes it; resolves when it is sent. */
export async function answerBody(response: ServerResponse, body: string, fault: Fault | undefined): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  if (fault?.does === 'trickle') {
    await trickle(response, body, fault);
    response.end();
  } else if (fault?.does === 'cut') response.write(body.slice(0, body.length / 2), () => response.destroy());
  else if (fault?.does === 'go-silent') response.write(body.slice(0, body.length / 2));
  else if (fault?.does === 'say') response.end(fault.text);
  else response.end(body);
}

type Trickle = Extract<Fault, { does: 'trickle' }>;

export async function trickle(response: ServerResponse, body: string, { pieceBytes, everyMs }: Trickle): Promise<void> {
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length && !response.destroyed; at += pieceBytes) {
    response.write(bytes.subarray(at, at + pieceBytes));
    await wait(everyMs);
  }
}
