import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { boundConnections, maxConnections, maxPeerConnections } from '../../../src/observe/http/connections.ts';
import { textResponse } from '../../../src/observe/http/response.ts';
import { fetchPage, serveForTest } from './fetching.ts';

const localAddress = '10.9.0.1';

/** A server whose connections are opened by name: the kernel of a test has no hundred peers. */
function boundedServer() {
  const server = new EventEmitter() as Server;
  boundConnections(server);
  const open: string[] = [];
  const connectFrom = (remoteAddress: string, name = remoteAddress) => {
    const socket = new EventEmitter() as Socket;
    const destroy = () => {
      open.splice(open.indexOf(name), 1);
      socket.emit('close');
      return socket;
    };
    Object.assign(socket, { remoteAddress, localAddress, destroy });
    open.push(name);
    server.emit('connection', socket);
    const request = () => {
      const response = new EventEmitter();
      server.emit('request', { socket }, response);
      return () => response.emit('close');
    };
    return { request };
  };
  return { open, connectFrom };
}

describe('the connections of one peer', () => {
  it('are bounded, and the one that has been idle the longest is closed', () => {
    const { open, connectFrom } = boundedServer();
    const first = connectFrom('10.9.0.7', 'first');
    for (let count = 1; count < maxPeerConnections; count += 1) connectFrom('10.9.0.7', `${count}`).request()();
    first.request()();
    connectFrom('10.9.0.7', 'last');
    expect(open).toHaveLength(maxPeerConnections);
    expect(open).toEqual(expect.arrayContaining(['first', '2', 'last']));
    expect(open).not.toContain('1');
  });

  it('are closed last while they are answered, and idle ones go before those that have asked nothing yet', () => {
    const { open, connectFrom } = boundedServer();
    connectFrom('10.9.0.7', 'busy').request();
    connectFrom('10.9.0.7', 'silent');
    connectFrom('10.9.0.7', 'idle').request()();
    for (let count = 3; count <= maxPeerConnections; count += 1) connectFrom('10.9.0.7', `${count}`).request();
    expect(open).not.toContain('idle');
    connectFrom('10.9.0.7', 'more');
    expect(open).not.toContain('silent');
    for (let count = 0; count < maxPeerConnections; count += 1) connectFrom('10.9.0.7', `more ${count}`).request();
    expect(open).toHaveLength(maxPeerConnections);
    expect(open).not.toContain('busy');
  });

  it.each([
    ['2001:db8::1', '2001:db8::2:1', '2001:db8:0:0:ffff::1', '2001:db8:1::1'],
    ['::ffff:10.9.0.7', '10.9.0.7', '::ffff:10.9.0.7', '::ffff:10.9.0.8'],
  ])('are those of its IPv6 block of 64 bits, or of its IPv4 address: %s', (one, two, three, other) => {
    const { open, connectFrom } = boundedServer();
    for (let count = 0; count < maxPeerConnections; count += 1) {
      connectFrom([one, two, three][count % 3] ?? one, `${count}`);
    }
    connectFrom(other, 'other');
    expect(open).toHaveLength(maxPeerConnections + 1);
    connectFrom(one, 'more');
    expect(open).toHaveLength(maxPeerConnections + 1);
    expect(open).not.toContain('0');
    expect(open).toContain('other');
  });
});

describe('the connections of many peers', () => {
  it('are bounded, and the peer with the most loses one', () => {
    const { open, connectFrom } = boundedServer();
    connectFrom('10.9.0.8', 'lone');
    for (let count = 0; count < maxConnections - 1; count += 1) {
      connectFrom(`10.9.1.${Math.floor(count / 8)}`, `${count}`).request()();
    }
    connectFrom('10.9.0.9', 'new');
    expect(open).toHaveLength(maxConnections);
    expect(open).toEqual(expect.arrayContaining(['lone', 'new']));
    expect(open).not.toContain('0');
  });

  it('never take the room of this node, whichever address it uses', () => {
    const { open, connectFrom } = boundedServer();
    for (const own of [localAddress, '127.0.0.1', '::1', '::ffff:127.0.0.1']) connectFrom(own).request()();
    for (let count = 0; count < 4 * maxConnections; count += 1) connectFrom(`10.8.${count}.1`);
    expect(open).toHaveLength(maxConnections + 4);
    expect(open).toEqual(expect.arrayContaining([localAddress, '127.0.0.1', '::1', '::ffff:127.0.0.1']));
  });
});

describe('a caller that holds every connection', () => {
  it('opens closed ones again and asks on all of them, and probes are answered all the same', async () => {
    const port = await serveForTest({ handle: () => textResponse('ok') }).listening;
    const ask = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
    let opened = 0;
    let isOver = false;
    const hold = async (): Promise<void> => {
      while (!isOver) {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        onTestFinished(() => void socket.destroy());
        socket.resume().write(ask);
        opened += 1;
        await once(socket, 'close');
        await sleep(20);
      }
    };
    for (let count = 0; count < 2 * maxConnections; count += 1) void hold();
    await sleep(100);
    for (let probe = 0; probe < 20; probe += 1) {
      expect((await fetchPage({ port, path: '/livez' })).status).toBe(200);
    }
    isOver = true;
    expect(opened).toBeGreaterThan(2 * maxConnections);
  });
});
