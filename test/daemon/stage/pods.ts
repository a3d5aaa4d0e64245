/** The servers of pods: each says its own address. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Greets with its address, and sends back whatever comes. */
export async function serveTcp(address: string, port: number): Promise<void> {
  const server = createServer((socket) => {
    socket.setNoDelay(true).on('error', () => undefined);
    socket.write(address);
    socket.pipe(socket);
  });
  server.listen({ host: address, port, backlog: 1024 });
  await once(server, 'listening');
}

export async function serveUdp(address: string, port: number): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (_, peer) => socket.send(address, peer.port, peer.address));
  socket.bind({ address, port });
  await once(socket, 'listening');
}
