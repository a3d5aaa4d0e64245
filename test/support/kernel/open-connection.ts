/** A TCP connection within a namespace that stays open while its rules change. */
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import type { Namespace } from '../../../scripts/lab/network/tools.ts';

export interface OpenConnection {
  /** Sends a word and gives what comes back. */
  echo(word: string): Promise<string>;
  close(): Promise<void>;
}

/** Listens at one address, connects to the other, and passes each line through the connection and back. */
const script = `
import socket, sys, threading
def address(text): host, port = text.rsplit(':', 1); return host, int(port)
server = socket.create_server(address(sys.argv[2]))
def serve():
    peer = server.accept()[0]
    while data := peer.recv(4096): peer.sendall(data)
threading.Thread(target=serve, daemon=True).start()
client = socket.create_connection(address(sys.argv[1]), 10)
for line in sys.stdin:
    client.sendall(line.encode())
    print(client.recv(4096).decode(), end='', flush=True)
`;

export function openConnection(
  { name }: Namespace,
  { to, server }: { readonly to: string; readonly server: string },
): OpenConnection {
  const running = execa('ip', ['netns', 'exec', name, 'python3', '-c', script, to, server], { reject: false });
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
  return {
    async echo(word) {
      running.stdin.write(`${word}\n`);
      const { value } = await lines.next();
      return value ?? `no answer: ${(await running).stderr}`;
    },
    async close() {
      running.stdin.end();
      await running;
    },
  };
}
