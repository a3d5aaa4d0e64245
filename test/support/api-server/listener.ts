/** The sockets of the test API server: it can go away and come back at the same address. */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificates } from './certificates.ts';

export interface Listener {
  readonly origin: string;
  readonly openConnections: () => number;
  /** Cuts all connections. */
  readonly cut: () => void;
  /** Cuts all connections and refuses new ones. */
  readonly goDown: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
}

export async function listen(answer: RequestListener, certificates: Certificates | undefined): Promise<Listener> {
  const server =
    certificates === undefined ? createHttpServer(answer) : createHttpsServer(tlsOptions(certificates), answer);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    // Otherwise small events wait for the reader's acknowledgement of the one before.
    socket.setNoDelay(true);
    socket.once('close', () => sockets.delete(socket));
  });
  const listenAt = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listenAt(0);
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    origin: `${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    openConnections: () => sockets.size,
    cut,
    goDown: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
    comeBack: () => listenAt(port),
  };
}

/** Whether a client certificate is needed is decided for each request, as the real server does. */
function tlsOptions({ ca, server: { certificate, key } }: Certificates) {
  return { ca, cert: certificate, key, requestCert: true, rejectUnauthorized: false };
}
