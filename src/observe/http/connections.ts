/**
 * Which connections a server keeps. A new connection is always accepted: when its peer or the server has too many, an
 * older one is closed instead. Connections of this node itself, such as the kubelet's probes, have room that other
 * peers cannot take.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Connections from this node, and as many from elsewhere. */
export const maxConnections = 64;
/** From one peer that is not this node: an IPv4 address, or an IPv6 block of 64 bits, which one client may have. */
export const maxPeerConnections = 16;

interface Connection {
  readonly socket: Socket;
  /** `undefined`: this node. */
  readonly peer: string | undefined;
  /** Idle ones are closed first, those whose request is being answered last. */
  state: 'idle' | 'new' | 'busy';
}

const closedFirst: readonly Connection['state'][] = ['idle', 'new', 'busy'];

/** Bounds the connections of a server, which must not listen yet. */
export function boundConnections(server: Server): void {
  /** The one with the latest activity at the end. */
  const open = new Map<Socket, Connection>();
  const note = (socket: Socket, state: Connection['state']): void => {
    const connection = open.get(socket);
    if (connection === undefined) return;
    connection.state = state;
    open.delete(socket);
    open.set(socket, connection);
  };
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    open.set(socket, { socket, peer, state: 'new' });
    socket.once('close', () => open.delete(socket));
    const victim = tooMany([...open.values()], peer);
    if (victim === undefined) return;
    open.delete(victim.socket);
    victim.socket.destroy();
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    note(socket, 'busy');
    response.once('close', () => note(socket, 'idle'));
  });
  // Closing takes a moment, so there may be more for that long.
  server.maxConnections = 4 * maxConnections;
}

/** The connection to close now that `peer` has opened another one. */
function tooMany(open: readonly Connection[], peer: string | undefined): Connection | undefined {
  const ofPeer = open.filter((each) => each.peer === peer);
  if (peer === undefined) return ofPeer.length > maxConnections ? idlest(ofPeer) : undefined;
  if (ofPeer.length > maxPeerConnections) return idlest(ofPeer);
  const others = open.filter((each) => each.peer !== undefined);
  if (others.length <= maxConnections) return undefined;
  const counts = new Map<string | undefined, number>();
  for (const each of others) counts.set(each.peer, (counts.get(each.peer) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return idlest(others.filter((each) => counts.get(each.peer) === most));
}

/** The newest of all is the last resort. */
function idlest(connections: readonly Connection[]): Connection | undefined {
  const ranked = closedFirst.flatMap((state) => connections.slice(0, -1).filter((each) => each.state === state));
  return ranked[0] ?? connections.at(-1);
}

/** Undefined for this node: the kernel gives a local connection the address that it leads to, or a loopback address. */
function peerOf({ remoteAddress = '', localAddress }: Socket): string | undefined {
  const address = withoutMapping(remoteAddress);
  if (remoteAddress === localAddress || isLoopback(address)) return undefined;
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::', 2);
  const groups = head.split(':');
  const missing = address.includes('::') ? 8 - groups.length - tail.split(':').length : 0;
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...tail.split(':')].slice(0, 4).join(':');
}

/** Whether this is an address that only this node can have. */
export function isLoopback(address = ''): boolean {
  return address === '::1' || withoutMapping(address).startsWith('127.');
}

/** A server of both families sees IPv4 addresses as `::ffff:10.0.0.1`. */
function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
