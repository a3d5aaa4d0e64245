/**
 * Sends one datagram from each of many addresses: `udp-clients.ts FIRST COUNT SOURCE-PORT DESTINATION PORT`. Whoever
 * means a new flow gives a source port of its own: a port that was used before can meet the connection of then.
 */
import { createSocket } from 'node:dgram';

const [first = '', count = '0', sourcePort = '0', destination = '', port = '0'] = process.argv.slice(2);

/** The IPv4 address that comes `offset` after another. */
function addressAfter(address: string, offset: number): string {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

async function send(source: string): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(Number(sourcePort), source, resolve));
  await new Promise<void>((resolve) => socket.send('hello', Number(port), destination, () => resolve()));
  socket.close();
}

for (let i = 0; i < Number(count); i += 1) await send(addressAfter(first, i));
