/** One question over a connection of its own: what a client of a Service does. */
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { decodeAnswer, encodeQuestion } from './dns-message.ts';
import type { Answer } from './messages.ts';

export interface Destination {
  readonly address: string;
  readonly port: number;
  /** Empty: the kernel chooses. */
  readonly source: string;
  readonly timeoutMs: number;
}

/** A connection that got no answer: `refused`, `dropped` or an error code. */
export class CallFailure extends Error {
  readonly reason: string;

  constructor(code: string) {
    super(code);
    this.reason = code === 'ECONNREFUSED' ? 'refused' : code === 'ETIMEDOUT' ? 'dropped' : code;
  }
}

/** Opens a TCP connection, asks over HTTP and closes it. */
export async function askOnce(to: Destination): Promise<Answer> {
  const socket = await openConnection(to);
  try {
    return await askOn(socket, 'close');
  } finally {
    socket.destroy();
  }
}

export function openConnection(to: Destination): Promise<Socket> {
  const source = to.source === '' ? {} : { localAddress: to.source };
  const socket = connect({ host: to.address, port: to.port, noDelay: true, ...source });
  socket.setTimeout(to.timeoutMs, () => socket.destroy(new CallFailure('ETIMEDOUT')));
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error) => reject(asFailure(error)));
  });
}

/** One HTTP request on an open connection. */
export function askOn(socket: Socket, connection: 'close' | 'keep-alive'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let received = '';
    socket.removeAllListeners('data').removeAllListeners('error').removeAllListeners('close');
    socket.on('error', (error) => reject(asFailure(error)));
    socket.on('close', () => reject(new CallFailure('closed')));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const bodyAt = received.indexOf('\r\n\r\n') + 4;
      if (bodyAt > 3 && received.endsWith('\n') && received.length > bodyAt) {
        resolve(JSON.parse(received.slice(bodyAt)) as Answer);
      }
    });
    socket.write(`GET / HTTP/1.1\r\nHost: shop\r\nConnection: ${connection}\r\n\r\n`);
  });
}

/** A DNS query from a new UDP socket. */
export function askDns(to: Destination): Promise<Answer> {
  const socket = createSocket(to.address.includes(':') ? 'udp6' : 'udp4');
  const question = encodeQuestion(1 + Math.floor(Math.random() * 65535), 'who.shop.test');
  return new Promise<Answer>((resolve, reject) => {
    const timer = setTimeout(() => reject(new CallFailure('ETIMEDOUT')), to.timeoutMs);
    socket.once('error', (error) => reject(asFailure(error)));
    socket.once('close', () => clearTimeout(timer));
    socket.once('message', (message) => {
      const [pod = '', peer = ''] = decodeAnswer(question, message);
      resolve({ pod, peer });
    });
    socket.once('connect', () => socket.send(question));
    socket.bind({ address: to.source === '' ? undefined : to.source, port: 0 }, () => {
      socket.connect(to.port, to.address);
    });
  }).finally(() => socket.close());
}

function asFailure(error: Error & { code?: string }): CallFailure {
  return error instanceof CallFailure ? error : new CallFailure(error.code ?? error.message);
}
