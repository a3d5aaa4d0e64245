/**
 * Runs inside a network namespace, started by start.ts: it is the servers of the pods there, and the client that calls
 * others. Orders come over the IPC channel; when the channel closes, the agent ends.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import process from 'node:process';
import { askHeld, hold, makeCalls } from './calls.ts';
import type { Orders, Request, Response } from './messages.ts';
import { serve } from './servers.ts';
import { askUdp, startTraffic, type Traffic } from './traffic.ts';

const heldTimeoutMs = 5_000;
const fetchTimeoutMs = 10_000;
const namespacePollMs = 2_000;

let traffic: Traffic | undefined;

type Carriers = { readonly [N in keyof Orders]: (order: Orders[N]['takes']) => Promise<Orders[N]['gives'] | Server> };

const carriers: Carriers = {
  serve: async ({ listeners }) => {
    await Promise.all(listeners.map(serve));
    return null;
  },
  call: makeCalls,
  hold,
  askHeld: () => askHeld(heldTimeoutMs),
  startTraffic: (order) => {
    traffic = startTraffic(order);
    return Promise.resolve(null);
  },
  countHeld: () => Promise.resolve(traffic?.countHeld() ?? 0),
  endTraffic: async () => {
    const report = await traffic?.end();
    traffic = undefined;
    return report ?? { attempts: [], held: [] };
  },
  askFrom: async ({ target, sourcePort, waitMs }) => (await askUdp(target, sourcePort, waitMs)).endpoint,
  fetch: async ({ url }) => {
    const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) });
    return { status: response.status, body: await response.text() };
  },
  openDoor: async ({ port }) => {
    const door = createServer().listen(port, '127.0.0.1');
    await once(door, 'listening');
    return door;
  },
  stay: ({ namespacePath }) => {
    stayUntilRemoved(namespacePath);
    return Promise.resolve(null);
  },
};

process.on('message', ({ id, name, order }: Request) => {
  const carry = carriers[name] as (order: unknown) => Promise<Orders[keyof Orders]['gives'] | Server>;
  carry(order).then(
    (result) => (result instanceof Object && 'listen' in result ? hand(id, result) : reply({ id, result })),
    (error: unknown) => reply({ id, error: String(error) }),
  );
});
process.once('disconnect', leave);
reply({ id: 0, result: null });

function reply(response: Response): void {
  process.send?.(response);
}

/** The other side gets the socket, and this one gives it up: it stays in the namespace where it was made. */
function hand(id: number, door: Server): void {
  process.send?.({ id, result: null } satisfies Response, door, {}, () => door.close());
}

function leave(): never {
  process.exit(0);
}

/** To end the agent, a user only has to remove the namespace's name. */
function stayUntilRemoved(namespacePath: string): void {
  process.off('disconnect', leave);
  setInterval(() => {
    if (!existsSync(namespacePath)) leave();
  }, namespacePollMs);
}
