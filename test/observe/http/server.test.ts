import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { inPieces, textResponse } from '../../../src/observe/http/response.ts';
import { createRoutes } from '../../../src/observe/http/routes.ts';
import { serve } from '../../../src/observe/http/server.ts';
import { fetchPage, serveForTest } from './fetching.ts';

const hello = createRoutes([
  { path: '/hello', handler: ({ query }) => textResponse(`hello ${query.get('name') ?? ''}`) },
]).handle;

/** A port of 127.0.0.1 that is taken until `free`. */
async function takenPort() {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const free = async (): Promise<void> => {
    holder.close();
    await once(holder, 'close');
  };
  onTestFinished(() => void holder.close());
  return { port: (holder.address() as AddressInfo).port, free };
}

async function rawConnection(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

describe('a server', () => {
  it('answers GET with the page and HEAD with its head', async () => {
    const port = await serveForTest({ handle: hello }).listening;
    const path = '/hello?name=a%20b';
    expect(await fetchPage({ port, path })).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
      body: 'hello a b',
    });
    expect(await fetchPage({ port, path, method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': '9' },
      body: '',
    });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s', async (method) => {
    const port = await serveForTest({ handle: hello }).listening;
    const sent = {
      port,
      path: '/hello',
      method,
      headers: { connection: 'keep-alive', 'content-length': '1' },
      body: 'x',
    };
    const { status, headers } = await fetchPage(sent);
    expect([status, headers.allow, headers.connection]).toEqual([405, 'GET, HEAD', 'close']);
  });

  it('answers 404 to other paths and 400 to what is none', async () => {
    const port = await serveForTest({ handle: hello }).listening;
    for (const path of ['/', '/hello/', '/hello/../x', '//hello', '/%2e%2e/hello', '/constructor', '/__proto__']) {
      expect((await fetchPage({ port, path })).status, path).toBe(404);
    }
    expect((await fetchPage({ port, path: 'http://elsewhere/hello' })).status).toBe(400);
  });

  it('answers 500 without details when a handler throws, and tells the daemon', async () => {
    const onFailure = vi.fn();
    const handle = () => {
      throw new Error('token=hunter22');
    };
    const port = await serveForTest({ handle, onFailure }).listening;
    expect(await fetchPage({ port, path: '/x' })).toMatchObject({ status: 500, body: '500 failed, see the log\n' });
    expect(onFailure).toHaveBeenCalledExactlyOnceWith('/x', new Error('token=hunter22'));
  });

  it('survives an answer that cannot be sent', async () => {
    const onFailure = vi.fn();
    const handle = () => ({ ...textResponse('x'), headers: { Bad: 'a\r\nb' } });
    const port = await serveForTest({ handle, onFailure }).listening;
    await expect(fetchPage({ port, path: '/x' })).rejects.toThrow('socket hang up');
    expect(onFailure).toHaveBeenCalledOnce();
  });

  it('answers in both families when given a wildcard of either', async () => {
    for (const host of ['0.0.0.0', '::']) {
      const port = await serveForTest({ handle: hello, host }).listening;
      expect((await fetchPage({ port, path: '/hello' })).status).toBe(200);
      expect((await fetchPage({ port, path: '/hello', host: '::1' })).status).toBe(200);
    }
  });

  it('makes no more of a page than the caller reads, and stops when he goes away', async () => {
    let made = 0;
    let ended = false;
    function* endless(): Generator<string> {
      try {
        for (; ; made += 1) yield 'x'.repeat(1 << 16);
      } finally {
        ended = true;
      }
    }
    const port = await serveForTest({ handle: () => textResponse(inPieces(endless())) }).listening;
    const socket = await rawConnection(port);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitFor(() => expect(made).toBeGreaterThan(0));
    // The event loop is not held: this very test gets its turns. Buffers of sockets and kernel take a few megabytes.
    expect(made).toBeLessThan(1000);
    socket.destroy();
    await vi.waitFor(() => expect(ended).toBe(true));
  });
});

describe('a long page', () => {
  it('lets the rest of the program run in between, however fast it is read', async () => {
    let turns = 0;
    let next = setImmediate(function turn() {
      turns += 1;
      next = setImmediate(turn);
    });
    onTestFinished(() => clearImmediate(next));
    const seen: number[] = [];
    function* pieces(): Generator<string> {
      for (let count = 0; count < 100; count += 1) {
        seen.push(turns);
        yield 'x'.repeat(1 << 16);
      }
    }
    const port = await serveForTest({ handle: () => textResponse(pieces()) }).listening;
    expect((await fetchPage({ port, path: '/' })).body).toHaveLength(100 * (1 << 16));
    expect(new Set(seen).size).toBeGreaterThan(90);
  });
});

describe('a server whose port is taken', () => {
  it('says so once, tries again, and serves when the port is free', async () => {
    const { port, free } = await takenPort();
    const onProblem = vi.fn();
    const onWarning = vi.fn();
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const server = serveForTest({ handle: hello, port, onProblem, retryMs: 1 });
    await vi.waitFor(() => expect(onProblem).toHaveBeenCalled());
    // Long enough for more attempts than Node has listeners without a warning of a leak.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await free();
    expect(await server.listening).toBe(port);
    expect((await fetchPage({ port, path: '/hello' })).status).toBe(200);
    expect(onProblem.mock.calls).toEqual([[expect.stringMatching(/^cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/)]]);
    expect(onWarning).not.toHaveBeenCalled();
  });

  it('gives up at once when it must not try again', async () => {
    const { port } = await takenPort();
    const server = serve({
      host: '127.0.0.1',
      port,
      handle: hello,
      hardFail: true,
      onProblem: vi.fn(),
      onFailure: vi.fn(),
    });
    await expect(server.listening).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    await server.close();
  });

  it('can be closed while it tries', async () => {
    const { port } = await takenPort();
    const onProblem = vi.fn();
    const server = serveForTest({ handle: hello, port, onProblem, retryMs: 60_000 });
    await vi.waitFor(() => expect(onProblem).toHaveBeenCalled());
    await server.close();
    await expect(server.listening).rejects.toThrow();
  });
});

describe('a server under bad callers', () => {
  it('closes the oldest above the limit and answers the next one at once', async () => {
    const port = await serveForTest({ handle: hello }).listening;
    const sockets = await Promise.all(Array.from({ length: 200 }, () => rawConnection(port)));
    await vi.waitFor(() => expect(sockets.filter((socket) => socket.readableEnded).length).toBeGreaterThan(100));
    expect((await fetchPage({ port, path: '/hello' })).status).toBe(200);
  });

  it('answers 431 to headers that are too long and 400 to what is no HTTP', async () => {
    const port = await serveForTest({ handle: hello }).listening;
    expect((await fetchPage({ port, path: '/hello', headers: { big: 'x'.repeat(10_000) } })).status).toBe(431);
    const socket = await rawConnection(port);
    socket.write('\u0000\u0001\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('closes within its grace while a connection is idle and a request never ends', async () => {
    const server = serve({
      host: '127.0.0.1',
      port: 0,
      handle: () => new Promise(() => {}),
      onProblem: vi.fn(),
      onFailure: vi.fn(),
    });
    const port = await server.listening;
    await rawConnection(port);
    const stuck = await rawConnection(port);
    stuck.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await server.close();
    await expect(fetchPage({ port, path: '/' })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('inPieces', () => {
  it('changes nothing but where the text is cut', () => {
    const parts = ['a', '', 'b'.repeat(200_000), 'c', 'd'.repeat(65_536)];
    const pieces = [...inPieces(parts)];
    expect(pieces.join('')).toBe(parts.join(''));
    expect(Math.max(...pieces.map((piece) => piece.length))).toBe(65_536);
    expect([...inPieces([])]).toEqual([]);
  });
});

describe('routes', () => {
  it('do not replace each other in silence', () => {
    const route = { path: '/a', handler: () => textResponse('') };
    expect(() => createRoutes([route, route])).toThrow('two routes for /a');
  });
});
