/** TCP of which the node sees only the answers, invalid to conntrack: the modes differ as those of kube-proxy. */
import { expect, it } from 'vitest';
import { type Namespace, withNamespace } from '../../scripts/lab/network/tools.ts';
import type { NodeConfig } from '../../src/core/model/config.ts';
import { planFamily } from '../../src/core/plan/plan.ts';
import { lowerPlan, printRules } from '../../src/core/rules.ts';
import { emptySnapshot } from '../../src/core/snapshot/snapshot.ts';
import { describeKernel } from '../support/kernel/describe.ts';
import { nodeConfig } from '../support/objects.ts';

const [client, server] = ['198.51.100.2', '10.244.1.5'];

interface Triangle {
  readonly node: Namespace;
  readonly client: Namespace;
  readonly server: Namespace;
}

describeKernel('answers that take another way than the questions', () => {
  it.each([
    ['pass in nftables mode', { mode: 'nftables' }, 'answered'],
    ['are dropped in iptables mode', { mode: 'iptables' }, 'no answer'],
    ['pass in iptables mode with tcpBeLiberal', { mode: 'iptables', conntrackTcpBeLiberal: true }, 'answered'],
  ] as const)('%s', { timeout: 60_000 }, async (_, settings, wanted) => {
    await withTriangle(async (triangle) => {
      expect(await ask(triangle)).toBe('answered');
      await load(triangle.node, nodeConfig(settings));
      expect(await ask(triangle)).toBe(wanted);
    });
  });
});

async function load(node: Namespace, config: NodeConfig): Promise<void> {
  const { plan } = planFamily(emptySnapshot, config, 'IPv4');
  const text = printRules(lowerPlan(plan, config));
  if (config.mode === 'iptables') await node.restore('nft', 'IPv4', text);
  else await node.exec('nft', ['-f', '-'], { input: text });
}

/** Whether the client gets a connection to the server. */
async function ask({ client: from, server: to }: Triangle): Promise<string> {
  const listen = to.exec('timeout', ['10', 'python3', '-c', listener]);
  const answer = await from.exec('timeout', ['10', 'python3', '-c', caller]);
  await listen;
  return answer.trim();
}

const listener = `
import socket
server = socket.create_server(('${server}', 80))
server.settimeout(4)
try: server.accept()[0].sendall(b'answered')
except TimeoutError: pass
`;

const caller = `
import socket, time
for attempt in range(20):
    try:
        connection = socket.create_connection(('${server}', 80), 3)
        print(connection.recv(100).decode())
        break
    except ConnectionRefusedError: time.sleep(0.1)
    except TimeoutError:
        print('no answer')
        break
`;

/** The client reaches the server directly, and the server the client by way of the node. */
async function withTriangle(body: (triangle: Triangle) => Promise<void>): Promise<void> {
  await withNamespace((node) =>
    withNamespace((ofClient) =>
      withNamespace(async (ofServer) => {
        await link(ofClient, ofServer, 'direct');
        await link(ofServer, node, 'upward');
        await link(node, ofClient, 'downward');
        await ofClient.exec('ip', ['addr', 'add', `${client}/32`, 'dev', 'lo']);
        await ofServer.exec('ip', ['addr', 'add', `${server}/32`, 'dev', 'lo']);
        for (const { exec } of [node, ofClient, ofServer]) {
          for (const scope of ['all', 'default', 'upward', 'downward', 'direct']) {
            await exec('sh', ['-c', `[ ! -e ${rpFilter(scope)} ] || echo 0 > ${rpFilter(scope)}`]);
          }
        }
        await node.exec('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
        await ofClient.exec('ip', ['route', 'add', server, 'dev', 'direct', 'src', client]);
        await ofServer.exec('ip', [
          'route',
          'add',
          client,
          'via',
          '192.0.2.1',
          'dev',
          'upward',
          'onlink',
          'src',
          server,
        ]);
        await node.exec('ip', ['addr', 'add', '192.0.2.1/32', 'dev', 'upward']);
        await node.exec('ip', ['route', 'add', client, 'dev', 'downward']);
        await body({ node, client: ofClient, server: ofServer });
      }),
    ),
  );
}

function rpFilter(scope: string): string {
  return `/proc/sys/net/ipv4/conf/${scope}/rp_filter`;
}

/** A link of this name at both ends. */
async function link(a: Namespace, b: Namespace, name: string): Promise<void> {
  await a.exec('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', b.name]);
  for (const { exec } of [a, b]) await exec('ip', ['link', 'set', name, 'up']);
}
