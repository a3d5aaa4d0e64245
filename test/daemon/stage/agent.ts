/** Runs inside a network namespace, started by agent-link.ts: servers of pods, clients, and doors for others. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import process from 'node:process';
import type { Orders, Request, Response } from './messages.ts';
import { serveTcp, serveUdp } from './pods.ts';
import { askOnce, askUdp, startTraffic, type Traffic } from './traffic.ts';

let traffic: Traffic | undefined;

type Carrier = { readonly [N in keyof Orders]: (order: Orders[N]['takes']) => Promise<Orders[N]['gives'] | Server> };

const carriers: Carrier = {
  serve: async ({ addresses, tcp, udp }) => {
    await Promise.all(addresses.flatMap((address) => [serveTcp(address, tcp), serveUdp(address, udp)]));
    return null;
  },
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
  ask: async ({ target, times }) => {
    const made: Orders['ask']['gives'][number][] = [];
    for (let n = 0; n < times; n += 1) made.push(await askOnce(target));
    return made;
  },
  askFrom: async ({ target, sourcePort, waitMs }) => (await askUdp(target, sourcePort, waitMs)).endpoint,
  fetch: async ({ url }) => {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return { status: response.status, body: await response.text() };
  },
  openDoor: async ({ port }) => {
    const door = createServer().listen(port, '127.0.0.1');
    await once(door, 'listening');
    return door;
  },
};

process.on('message', (request: Request) => {
  const carry = carriers[request.name] as (order: unknown) => Promise<Orders[keyof Orders]['gives'] | Server>;
  const { id } = request;
  carry(request.order).then(
    (result) => (result instanceof Object && 'listen' in result ? hand(id, result) : reply({ id, result })),
    (error: unknown) => reply({ id, error: String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
reply({ id: 0, result: null });

function reply(response: Response): void {
  process.send?.(response);
}

/** The other side gets the socket, and this one gives it up: it stays in the namespace where it was made. */
function hand(id: number, door: Server): void {
  process.send?.({ id, result: null } satisfies Response, door, {}, () => door.close());
}
