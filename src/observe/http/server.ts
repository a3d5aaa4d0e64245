/**
 * An HTTP server on one address, for people and probes: small requests, bounded in number, size and time, so that no
 * caller can hold the daemon up.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { boundConnections } from './connections.ts';
import { answerRequest, type SendOptions } from './send.ts';

export interface ServeOptions extends SendOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** A wildcard means its own family; without this it means both, as in Go, where kube-proxy's addresses come from. */
  readonly isOneFamily?: boolean;
  /** Whether to give up when the address cannot be listened on, rather than to try again. */
  readonly hardFail?: boolean;
  /** It cannot listen: told once, until it could. */
  readonly onProblem: (problem: string) => void;
  /** The first pause between attempts, doubled up to ten times as much; for tests. */
  readonly retryMs?: number;
}

export interface HttpServer {
  /**
   * The port, once it listens. Rejects when it cannot and `hardFail` is set, or when it is closed before; it need not
   * be awaited.
   */
  readonly listening: Promise<number>;
  /** Takes no more requests, lets those under way end for a second, and resolves when the port is free. */
  close(): Promise<void>;
}

const graceMs = 1000;

export function serve(options: ServeOptions): HttpServer {
  const { host, port, hardFail = false, retryMs = 500, onProblem } = options;
  const server = createBoundedServer(options);
  const closed = new AbortController();

  const listenUntilItWorks = async (): Promise<number> => {
    for (let pauseMs = retryMs, isTold = false; ; pauseMs = Math.min(2 * pauseMs, 10 * retryMs)) {
      try {
        return await listen(server, options);
      } catch (error) {
        const problem = `cannot listen on ${formatAddress(host, port)}: ${(error as Error).message}`;
        if (hardFail) throw new Error(problem);
        if (!isTold) onProblem(problem);
        isTold = true;
      }
      await sleep(pauseMs, undefined, { signal: closed.signal });
    }
  };
  const listening = listenUntilItWorks();
  listening.catch(() => {});

  return {
    listening,
    close: async () => {
      closed.abort();
      // An attempt to listen that is under way ends first, so that no server is left behind.
      if (!server.listening) await listening.catch(() => {});
      await closeServer(server);
    },
  };
}

/** `[::]:10256`. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function createBoundedServer(options: SendOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: 8192,
      headersTimeout: 5000,
      requestTimeout: 10_000,
      keepAliveTimeout: 10_000,
      connectionsCheckingInterval: 1000,
    },
    (incoming, response) => {
      answerRequest(incoming, response, options).catch((error: unknown) => {
        options.onFailure(incoming.url ?? '', error);
        response.destroy();
      });
    },
  );
  boundConnections(server);
  // Nothing was read or written on a connection for this long: longer than the longest profile.
  server.setTimeout(120_000);
  return server;
}

async function listen(server: Server, { host, port, isOneFamily = false }: ServeOptions): Promise<number> {
  const isBoth = !isOneFamily && (host === '0.0.0.0' || host === '::');
  // Without a host Node takes both families, or IPv4 where the kernel has no IPv6.
  server.listen(isBoth ? { port } : { port, host, ipv6Only: isOneFamily });
  // Rejects when there is an error instead.
  await once(server, 'listening');
  // Accepting may fail for want of descriptors; the next connection is tried anew.
  server.on('error', () => {});
  return (server.address() as AddressInfo).port;
}

function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
