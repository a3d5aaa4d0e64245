/** Commands that ask a cluster instead of files: real HTTP, a server of our own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../scripts/lab/api-server/server.ts';
import { folderWith, rulewright } from '../run.ts';

const metadata = { namespace: 'shop', name: 'web' };
const ports = [{ name: 'http', protocol: 'TCP', port: 80 }];
const labels = { 'kubernetes.io/service-name': 'web' };

function slice(...addresses: readonly string[]) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  };
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ports },
};

let server: ApiServer;
let kubeconfig: string;
const folder = mkdtempSync(join(tmpdir(), 'rulewright-kubeconfig-'));

beforeAll(async () => {
  server = await startApiServer({ lacks: ['ServiceCIDR'] });
  for (const object of [service, slice('10.244.1.1', '10.244.1.2')]) server.set(object);
  const name = 'test';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: server.url } }],
    users: [{ name, user: { token: 'secret' } }],
  };
  kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, JSON.stringify(config));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.goDown();
});

describe('--kubeconfig', () => {
  const node = ['--hostname-override', 'node-1', '--cluster-cidr', '10.244.0.0/16'];

  it('compiles what the cluster has, also where it has no ServiceCIDRs', async () => {
    const { exitCode, stdout } = await rulewright([
      'compile',
      '--kubeconfig',
      kubeconfig,
      '--mode',
      'nftables',
      ...node,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('10.96.0.1 . 80 . 1 : 10.244.1.2 . 8080');
  });

  it('explains, and verifies', async () => {
    const explained = await rulewright(['explain', 'outside', 'shop/web', '--kubeconfig', kubeconfig, ...node]);
    expect(explained).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('one of 2 endpoints of shop/web') });
    const verified = await rulewright(['verify', '--kubeconfig', kubeconfig, '--ip-family', 'ipv4', ...node]);
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/proven/i) });
  });

  it('is the old side of a plan; --live takes the one that kubectl would', async () => {
    const changed = folderWith({ 'new.json': JSON.stringify(slice('10.244.1.1')) });
    const change = [join(changed, 'new.json'), '--overlay', ...node];
    const planned = await rulewright(['plan', '--kubeconfig', kubeconfig, ...change]);
    expect(planned).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('10.244.1.2:8080') });
    const live = await rulewright(['plan', '--live', ...change], { env: { KUBECONFIG: kubeconfig } });
    expect(live.stdout).toBe(planned.stdout);
  });

  it('goes without files beside it, and says what keeps it from asking', async () => {
    const both = await rulewright(['compile', '--kubeconfig', kubeconfig, '-f', 'shop.yaml']);
    expect(both).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('got both') });
    const missing = await rulewright(['compile', '--kubeconfig', join(kubeconfig, 'no')]);
    expect(missing).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('cannot be asked') });
  });
});
