import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runExplainCase } from '../../support/golden/explain.ts';
import { folderWith, rulewright } from '../run.ts';

const input = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: team }
spec: { clusterIP: 10.96.0.10, ports: [{ name: http, port: 80 }, { name: admin, port: 81 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, namespace: team, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: [{ addresses: [10.244.2.11], nodeName: node-b }]
`;
const comment = '-m comment --comment "team/web:http cluster IP"';
const dump = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -d 10.96.0.10/32 -p tcp ${comment} -m tcp --dport 80 -j DNAT --to-destination 10.244.2.11:8080
COMMIT
`;
const flags = ['--hostname-override', 'node-a', '--cluster-cidr', '10.244.0.0/16'];

function explain(args: readonly string[], surroundings: Parameters<typeof rulewright>[1] = {}) {
  const cwd = folderWith({ 'web.yaml': input, 'dump.txt': dump });
  return rulewright(['explain', ...args], { cwd, ...surroundings });
}

describe('explain', () => {
  it('shows people a sentence and a tree, without colours in a pipe', async () => {
    const { exitCode, stdout, stderr } = await explain(['outside', 'team/web:http', '-f', 'web.yaml', ...flags]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '203.0.113.10 -> 10.96.0.10:80/TCP on node-a',
      'Sent to 10.244.2.11:8080 of team/web:http; masqueraded.',
      '├─ from        203.0.113.10, a typical client outside the cluster',
    ]);
    expect(stdout).not.toContain('\u001b');
  });

  it('paints where it is asked to', async () => {
    const { stdout } = await explain(['outside', 'team/web:http', '-f', 'web.yaml', '--color', 'always', ...flags]);
    expect(stdout).toContain('\u001b[32mSent to');
  });

  it('shows programs the same as JSON', async () => {
    const { stdout } = await explain(['outside', 'team/web:http', '-f', 'web.yaml', '-o', 'json', ...flags]);
    expect(JSON.parse(stdout)).toMatchObject({
      version: expect.any(String),
      kind: 'explained',
      explanation: {
        verdict: 'delivered',
        outcomes: [{ endpoint: '10.244.2.11:8080', masquerade: true, share: { fraction: '1', percent: 100 } }],
        target: { kind: 'clusterIP', service: 'team/web', portName: 'http' },
      },
    });
  });

  it('says on standard error what is unclear, as JSON too, and fails', async () => {
    const { exitCode, stdout, stderr } = await explain([
      'outside',
      'team/web',
      '-f',
      'web.yaml',
      '-o',
      'json',
      ...flags,
    ]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'unclear', unclear: { code: 'port-unclear' } });
    expect(stderr).toContain('Service team/web has several ports [port-unclear]');
    expect(stderr).toContain('add one of its ports: http (80/TCP), admin (81/TCP)');
  });

  it('reads a dump from standard input, with and without the Services', async () => {
    const alone = await explain(['10.244.1.7', 'team/web', '--dump', '-'], { stdin: dump });
    expect([alone.exitCode, alone.stderr]).toEqual([0, '']);
    expect(alone.stdout).toContain('Sent to 10.244.2.11:8080 of team/web:http; its source is kept.');
    const args = ['10.244.1.7', 'team/web:http', '-f', 'web.yaml', '--dump', '-', ...flags];
    expect((await explain(args, { stdin: dump })).stdout).toContain('and the dump matches the Services');
  });

  it.each([
    [['a', 'b', '-f', 'web.yaml', '--proto', 'icmp'], "--proto: got 'icmp', want tcp, udp or sctp"],
    [['a'], "missing required argument 'dst'"],
  ])('%j is wrong usage', async (args, message) => {
    const { exitCode, stdout, stderr } = await explain(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('names a dump that cannot be read', async () => {
    const { exitCode, stderr } = await explain(['a', 'b', '--dump', 'none.txt']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('File none.txt: there is no such file or directory');
  });

  it('lets no control character of words or names through', async () => {
    const { stdout, stderr } = await explain(['\u001b[2J', 'team/\u001b[2J', '-f', 'web.yaml', ...flags]);
    expect(stdout + stderr).not.toContain('\u001b');
    expect(stderr).toContain('\\u{1b}[2J');
  });
});

describe('explain --from', () => {
  async function daemon(answer: string, seen: string[] = []): Promise<string> {
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('asks the daemon, and shows its answer as it shows its own', async () => {
    const printed = await runExplainCase('hairpin');
    const seen: string[] = [];
    const url = await daemon(printed['output.json'], seen);
    const { exitCode, stdout } = await explain(['10.244.1.11', 'team/web', '--proto', 'tcp', '--from', url]);
    expect([exitCode, stdout]).toEqual([0, printed['output.txt']]);
    expect(seen).toEqual(['/debug/explain?src=10.244.1.11&dst=team%2Fweb&proto=tcp']);
  });

  it.each([['not JSON'], ['{"kind":"explained"}']])('says that it was no answer: %s', async (body) => {
    const { exitCode, stdout, stderr } = await explain(['a', 'b', '--from', await daemon(body)]);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('gives no answer');
  });
});
