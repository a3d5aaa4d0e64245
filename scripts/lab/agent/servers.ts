/** The pods' servers: each answers with its name or address, and says whom it sees as its caller. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { encodeAnswer } from './dns-message.ts';
import type { Answer, Listener } from './messages.ts';

/** Far longer than a run: kept connections must outlive the change of the rules. */
const keepAliveMs = 300_000;
const backlog = 1024;

/** Resolves once it listens. */
export async function serve(listener: Listener): Promise<void> {
  switch (listener.protocol) {
    case 'http':
      return await serveHttp(listener);
    case 'dns':
      return await serveUdp(listener, (question, peer) => encodeAnswer(question, [listener.pod, peer]));
    case 'tcp':
      return await serveEcho(listener);
    case 'udp':
      return await serveUdp(listener, () => listener.address);
  }
}

async function serveHttp({ pod, address, port }: Listener): Promise<void> {
  const server = createHttpServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
    const answer: Answer = { pod, peer: request.socket.remoteAddress ?? '' };
    const body = `${JSON.stringify(answer)}\n`;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
  });
  server.listen({ host: address, port, backlog });
  await once(server, 'listening');
}

/** Greets with its address, and sends back whatever comes. */
async function serveEcho({ address, port }: Listener): Promise<void> {
  const server = createServer((socket) => {
    socket.setNoDelay(true).on('error', () => undefined);
    socket.write(address);
    socket.pipe(socket);
  });
  server.listen({ host: address, port, backlog });
  await once(server, 'listening');
}

async function serveUdp(
  { address, port }: Listener,
  answer: (question: Buffer, peer: string) => Buffer | string,
): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (question, peer) => socket.send(answer(question, peer.address), peer.port, peer.address));
  socket.bind({ address, port });
  await once(socket, 'listening');
}
