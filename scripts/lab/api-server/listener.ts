/** The sockets of the test API server: it can go away and come back at the same address. */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
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

/** Makes a socket that listens at 127.0.0.1 and this port, 0 for any; perhaps in another network namespace. */
export type OpenDoor = (port: number) => Promise<Server>;

const openHere: OpenDoor = async (port) => {
  const door = createServer().listen(port, '127.0.0.1');
  await once(door, 'listening');
  return door;
};

export async function listen(
  answer: RequestListener,
  certificates: Certificates | undefined,
  openDoor: OpenDoor = openHere,
): Promise<Listener> {
  const server =
    certificates === undefined ? createHttpServer(answer) : createHttpsServer(tlsOptions(certificates), answer);
  const sockets = new Set<Socket>();
  const openAt = async (port: number): Promise<Server> => {
    const door = await openDoor(port);
    return door.on('connection', (socket: Socket) => {
      sockets.add(socket);
      // Otherwise small events wait for the reader's acknowledgement of the one before.
      socket.setNoDelay(true);
      socket.once('close', () => sockets.delete(socket));
      server.emit('connection', socket);
    });
  };
  let door = await openAt(0);
  const { port } = door.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    origin: `${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    openConnections: () => sockets.size,
    cut,
    goDown: async () => {
      if (!door.listening) return;
      const closed = once(door, 'close');
      door.close();
      cut();
      await closed;
    },
    comeBack: async () => {
      door = await openAt(port);
    },
  };
}

/** Whether a client certificate is needed is decided for each request, as the real server does. */
function tlsOptions({ ca, server: { certificate, key } }: Certificates) {
  return { ca, cert: certificate, key, requestCert: true, rejectUnauthorized: false };
}
