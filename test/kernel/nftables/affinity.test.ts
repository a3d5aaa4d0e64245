import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { addUplink, type Namespace, withNamespace } from '../../../scripts/lab/network/tools.ts';
import { compile } from '../../../src/core/compiler.ts';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import { diffRules, printRules, type Rules } from '../../../src/core/rules.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { endpoint, ip, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';

const clients = 3000;
const config: NodeConfig = nodeConfig({ mode: 'nftables', detectLocal: { mode: 'ClusterCIDR', cidrs: [] } });
const ports = [{ name: 'http', protocol: 'UDP', port: 80 }] as const;
const web = service('web', { ports, affinityTimeoutSeconds: 600, externalIps: [ip('203.0.113.1')] });

function rulesWith(...addresses: readonly string[]): Rules {
  const endpoints = addresses.map((address) => endpoint(address));
  const slices = [slice('web', endpoints, { ports: [{ name: 'http', protocol: 'UDP', port: 8080 }] })];
  const rules = compile(snapshotOf({ services: [web], slices }), config, ['IPv4']).rules.IPv4;
  if (rules === undefined) throw new Error('IPv4 was not compiled');
  return rules;
}

/** One datagram from each client to the frontend, each a new connection as long as the source port is a new one. */
async function sendAll(namespace: Namespace, frontend: string, sourcePort: number): Promise<void> {
  const script = fileURLToPath(new URL('../../support/kernel/udp-clients.ts', import.meta.url));
  const args = ['10.200.0.0', String(clients), String(sourcePort), frontend, '80'];
  await namespace.exec(process.execPath, [script, ...args]);
}

/** The clients that each endpoint has, by the name of its set. */
async function learned(namespace: Namespace): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const text = await namespace.exec('nft', ['list', 'table', 'ip', 'rulewright']);
  const sets = [...text.matchAll(/set (clients-\w+) \{(.*?)\n\t\}/gs)];
  return new Map(
    sets.map(([, name = '', body = '']) => [name, new Set([...body.matchAll(/10\.200\.\d+\.\d+/g)].map(String))]),
  );
}

describeKernel('ClientIP affinity in nftables mode', () => {
  it('keeps thousands of clients on their endpoints, on every frontend, until their endpoint is removed', async () => {
    await withNamespace(async (namespace) => {
      await addUplink(namespace);
      const before = rulesWith('10.244.1.1', '10.244.1.2', '10.244.1.3');
      await namespace.exec('nft', ['-f', '-'], { input: printRules(before) });

      await sendAll(namespace, '10.96.0.1', 20001);
      const first = await learned(namespace);
      expect([...first.values()].reduce((sum, set) => sum + set.size, 0)).toBe(clients);
      for (const set of first.values()) expect(set.size).toBeGreaterThan(clients / 3 - 200);

      await sendAll(namespace, '203.0.113.1', 20002);
      expect(await learned(namespace)).toEqual(first);

      const change = diffRules(before, rulesWith('10.244.1.1', '10.244.1.3', '10.244.1.4'));
      await namespace.exec('nft', ['-f', '-'], { input: change.text });
      const afterChange = await learned(namespace);
      const kept = [...first].filter(([name]) => afterChange.has(name));
      expect(kept).toHaveLength(2);
      for (const [name, set] of kept) expect(afterChange.get(name)).toEqual(set);

      await sendAll(namespace, '10.96.0.1', 20003);
      const last = await learned(namespace);
      expect([...last.values()].reduce((sum, set) => sum + set.size, 0)).toBe(clients);
      for (const [name, set] of kept) for (const client of set) expect(last.get(name)?.has(client)).toBe(true);
    });
  });
});
