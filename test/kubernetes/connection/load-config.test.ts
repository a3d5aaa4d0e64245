import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectToCluster } from '../../../src/kubernetes/cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'rulewright-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'config');

const cluster = { name: 'c', cluster: { server: 'https://192.0.2.1:6443' } };
const context = { name: 'x', context: { cluster: 'c', user: 'u' } };
const user = { name: 'u', user: { token: 'hunter2' } };
const whole = { 'current-context': 'x', clusters: [cluster], contexts: [context], users: [user] };

/** What is said of a kubeconfig with this text, or the address of its server. */
function connect(text: string, master = ''): string {
  writeFileSync(path, text);
  return connectTo({ kubeconfig: path, master });
}

function connectTo(location: { kubeconfig?: string; master?: string; env?: NodeJS.ProcessEnv }): string {
  const options = { kubeconfig: '', master: '', qps: 5, burst: 10, env: {}, serviceAccountFolder: folder, ...location };
  try {
    return connectToCluster(options).server;
  } catch (error) {
    return String(error).replaceAll(folder, 'FOLDER');
  }
}

describe('a kubeconfig', () => {
  it('that is complete gives the address of its server', () => {
    expect(connect(JSON.stringify(whole))).toBe('https://192.0.2.1:6443');
    expect(connect(JSON.stringify(whole), 'https://192.0.2.2')).toBe('https://192.0.2.2');
    expect(connect(JSON.stringify({ ...whole, clusters: [{ name: 'c' }] }), 'https://192.0.2.2')).toBe(
      'https://192.0.2.2',
    );
  });

  it.each([
    [
      'there is no current-context',
      { ...whole, 'current-context': undefined },
      /current-context is missing; name one of x/,
    ],
    ['the context is unknown', { ...whole, 'current-context': 'y' }, /there is no context "y" in it, only x$/],
    ['the cluster is unknown', { ...whole, clusters: [] }, /there is no cluster "c" in it, only none$/],
    ['the user is unknown', { ...whole, users: null }, /there is no user "u" in it, only none$/],
    [
      'there is no server',
      { ...whole, clusters: [{ name: 'c', cluster: {} }] },
      /cluster c has no server; add it, or give --master/,
    ],
    ['it is a list', [], /holds no configuration; it needs clusters, users and contexts/],
  ])('is refused when %s', (_, config, complaint) => {
    expect(connect(JSON.stringify(config))).toMatch(complaint);
    expect(connect(JSON.stringify(config))).toMatch(/^ConnectError: .*FOLDER\/config/);
  });

  it('that is not YAML is refused with its line, not its text', () => {
    expect(connect('users:\n- user: {token: hunter2\n')).toMatch(/config is not YAML \(line \d\)$/);
  });

  it('that is not there, or is no file, is named', () => {
    expect(connectTo({ kubeconfig: join(folder, 'nothing') })).toBe(
      'ConnectError: there is no kubeconfig FOLDER/nothing; correct the path, or leave it out to use the service ' +
        'account of the pod',
    );
    expect(connectTo({ kubeconfig: folder })).toContain('cannot be read (EISDIR); check who may read it');
  });

  it('may name users and clusters that are broken, as long as they are not used', () => {
    const clusters = [{ name: 'broken' }, cluster, null];
    expect(connect(JSON.stringify({ ...whole, clusters }))).toBe('https://192.0.2.1:6443');
  });
});

describe('an address', () => {
  it.each(['ftp://192.0.2.1', 'https://', 'not a host', ':6443'])('%s is refused', (master) => {
    expect(connectTo({ master })).toBe(
      'ConnectError: the address of the API server is not a URL; write it like https://10.0.0.1:6443',
    );
  });

  it('may leave out the scheme, as with kube-proxy', () => {
    expect(connectTo({ master: 'localhost:8080' })).toBe('http://localhost:8080');
    expect(connect(JSON.stringify(whole), '192.0.2.2:6443')).toBe('https://192.0.2.2:6443');
  });

  it('never shows a password', () => {
    expect(connectTo({ master: 'https://ann:hunter2@192.0.2.1' })).toBe('https://192.0.2.1');
  });
});

describe('without kubeconfig and master', () => {
  it('must be a pod', () => {
    expect(connectTo({})).toContain('this is not a pod of a cluster (KUBERNETES_SERVICE_HOST');
  });

  it('must have a service account', () => {
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(connectTo({ env })).toContain('FOLDER/token is missing; mount the service account token');
    writeFileSync(join(folder, 'token'), '');
    expect(connectTo({ env })).toContain('FOLDER/ca.crt is missing');
    writeFileSync(join(folder, 'ca.crt'), '');
    expect(connectTo({ env })).toBe('https://[fd00::1]');
  });
});
