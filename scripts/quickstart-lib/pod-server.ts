/** The pods' servers: each answers with its name and with the address that it sees as its caller. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { encodeAnswer } from './dns-message.ts';
import type { Answer, Listener } from './messages.ts';

/** Far longer than a run: kept connections must outlive the change of the rules. */
const keepAliveMs = 300_000;

export async function serve(listener: Listener): Promise<void> {
  switch (listener.protocol) {
    case 'http':
      return await serveHttp(listener);
    case 'dns':
      return await serveDns(listener);
  }
}

async function serveHttp({ pod, address, port }: Listener): Promise<void> {
  const server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
    const answer: Answer = { pod, peer: request.socket.remoteAddress ?? '' };
    const body = `${JSON.stringify(answer)}\n`;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
  });
  server.listen({ host: address, port, backlog: 1024 });
  await once(server, 'listening');
}

async function serveDns({ pod, address, port }: Listener): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (question, peer) => {
    socket.send(encodeAnswer(question, [pod, peer.address]), peer.port, peer.address);
  });
  socket.bind({ address, port });
  await once(socket, 'listening');
}
