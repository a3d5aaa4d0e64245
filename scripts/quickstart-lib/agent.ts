/**
 * Runs inside a namespace, started by agent-link.ts: it is the servers of the pods there, and the client when one of
 * them calls. Orders come over the IPC channel; when the channel closes, the agent ends.
 */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { askHeld, hold, makeCalls } from './client.ts';
import type { Order, Page, Replies, Request, Response } from './messages.ts';
import { serve } from './pod-server.ts';

const heldTimeoutMs = 5_000;
const fetchTimeoutMs = 10_000;
const namespacePollMs = 2_000;

process.on('message', (request: Request) => {
  void carryOut(request.order).then(
    (result) => reply({ id: request.id, result }),
    (error: unknown) => reply({ id: request.id, error: String(error) }),
  );
});
process.once('disconnect', leave);
reply({ id: 0, result: null });

function reply(response: Response): void {
  process.send?.(response);
}

function leave(): never {
  process.exit(0);
}

async function carryOut(order: Order): Promise<Replies[keyof Replies]> {
  switch (order.do) {
    case 'serve':
      await Promise.all(order.listeners.map(serve));
      return null;
    case 'call':
      return await makeCalls(order.call);
    case 'hold':
      return await hold(order.call);
    case 'askHeld':
      return await askHeld(heldTimeoutMs);
    case 'fetch':
      return await fetchPage(order.url);
    case 'stay':
      stayUntilRemoved(order.namespacePath);
      return null;
  }
}

async function fetchPage(url: string): Promise<Page> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) });
  return { status: response.status, body: await response.text() };
}

/** Removing the namespace's name is all that a user has to do: nobody needs to look for processes. */
function stayUntilRemoved(namespacePath: string): void {
  process.off('disconnect', leave);
  setInterval(() => {
    if (!existsSync(namespacePath)) leave();
  }, namespacePollMs);
}
