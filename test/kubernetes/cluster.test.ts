import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificates } from '../../scripts/lab/api-server/certificates.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../scripts/lab/api-server/server.ts';
import { type Cluster, type ConnectOptions, connectToCluster } from '../../src/kubernetes/cluster.ts';
import { createHastyClock, createRecorder } from './harness.ts';

const certificates = makeCertificates();
const folder = mkdtempSync(join(tmpdir(), 'rulewright-cluster-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
file('ca.crt', certificates.ca);
file('client.crt', certificates.client.certificate);
file('client.key', certificates.client.key);

let server: ApiServer;
afterEach(() => server.goDown());

const { until } = createRecorder();
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Writes a kubeconfig for the test server. */
function kubeconfig(user: object, cluster: object = {}): string {
  return file(
    'kubeconfig',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'tester' } }],
      clusters: [{ name: 'test', cluster: { server: server.url, 'certificate-authority': 'ca.crt', ...cluster } }],
      users: [{ name: 'tester', user }],
    }),
  );
}

const usual: ConnectOptions = { kubeconfig: '', master: '', qps: 0, burst: 0 };

async function get(cluster: Cluster): Promise<string> {
  const asked = { verb: 'list', resource: 'nodes' };
  const signal = new AbortController().signal;
  let text = '';
  try {
    for await (const chunk of await cluster.request({ method: 'GET', path: '/api/v1/nodes', asked }, signal))
      text += chunk;
  } catch (error) {
    return String(error);
  }
  return JSON.parse(text).kind;
}

async function serve(options: ApiServerOptions): Promise<void> {
  server = await startApiServer({ certificates, ...options });
}

describe('with a kubeconfig, over TLS', () => {
  const token = 'secret-token';
  beforeEach(() => serve({ accepts: { token, password: 'ann:secret-password', certificate: true } }));

  it.each([
    { what: 'a token', user: { token } },
    { what: 'name and password', user: { username: 'ann', password: 'secret-password' } },
    { what: 'a certificate in files', user: { 'client-certificate': 'client.crt', 'client-key': 'client.key' } },
    {
      what: 'a certificate in the file',
      user: {
        'client-certificate-data': base64(certificates.client.certificate),
        'client-key-data': base64(certificates.client.key),
      },
    },
  ])('gets in with $what', async ({ user }) => {
    expect(await get(connectToCluster({ ...usual, kubeconfig: kubeconfig(user) }))).toBe('NodeList');
  });

  it('does not get in without', async () => {
    const cluster = connectToCluster({ ...usual, kubeconfig: kubeconfig({ token: 'wrong' }) });
    expect(await get(cluster)).toMatch(/ApiFailure: the API server answers 401: Unauthorized; check the token/);
  });

  it('reads a token file, whose last line may have an end, again after a 401', async () => {
    const tokenFile = file('token', `${token}\n`);
    const cluster = connectToCluster({ ...usual, kubeconfig: kubeconfig({ tokenFile: 'token', token: 'older' }) });
    expect(await get(cluster)).toBe('NodeList');
    server.accepts.token = 'rotated';
    writeFileSync(tokenFile, 'rotated');
    expect(await get(cluster)).toContain('401');
    expect(await get(cluster)).toBe('NodeList');
  });

  it('asks an exec plugin, which is told what client-go tells it', async () => {
    const plugin = file(
      'plugin',
      `#!/bin/sh
       case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) exit 1 ;; esac
       echo '{"kind":"ExecCredential","status":{"token":"'$1'"}}'`,
    );
    chmodSync(plugin, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', args: [token] };
    expect(await get(connectToCluster({ ...usual, kubeconfig: kubeconfig({ exec }) }))).toBe('NodeList');
  });

  it('asks an exec plugin once for requests that come together', async () => {
    const log = file('log', '');
    const script = `#!/bin/sh\necho once >> ${log}\necho '{"kind":"ExecCredential","status":{"token":"${token}"}}'`;
    chmodSync(file('plugin', script), 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin' };
    const cluster = connectToCluster({ ...usual, kubeconfig: kubeconfig({ exec }) });
    expect(await Promise.all([get(cluster), get(cluster)])).toEqual(['NodeList', 'NodeList']);
    expect(readFileSync(log, 'utf8')).toBe('once\n');
  });

  /** A proxy that leads to the test server, whatever it is asked for, and notes what that was. */
  async function startProxy() {
    const proxied: string[] = [];
    const proxy = createServer().on('connect', (request, client: Socket) => {
      proxied.push(request.url ?? '');
      const upstream = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void proxy.close());
    return { proxied, host: `127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  }

  it('goes through the proxy that the file names', async () => {
    const { proxied, host } = await startProxy();
    const named = kubeconfig({ token }, { 'proxy-url': `http://${host}` });
    expect(await get(connectToCluster({ ...usual, kubeconfig: named }))).toBe('NodeList');
    expect(proxied).toEqual([new URL(server.url).host]);
  });

  it('goes through the proxy of the environment, unless NO_PROXY names the server, and says so', async () => {
    const { proxied, host } = await startProxy();
    const far = { server: 'https://api.invalid:6443', 'tls-server-name': 'localhost' };
    const config = kubeconfig({ token }, far);
    const through = connectToCluster({ ...usual, kubeconfig: config, env: { HTTPS_PROXY: `http://u:p@${host}` } });
    expect(await get(through)).toBe('NodeList');
    expect(proxied).toEqual(['api.invalid:6443']);
    const message = `requests to https://api.invalid:6443 go through the proxy ${host}`;
    expect(through.remarks).toEqual([{ severity: 'info', message }]);
    const env = { HTTPS_PROXY: `http://${host}`, NO_PROXY: '.invalid' };
    const direct = connectToCluster({ ...usual, kubeconfig: config, env });
    expect(direct.remarks).toEqual([]);
    expect(await get(direct)).toContain('api.invalid');
    expect(proxied).toHaveLength(1);
  });

  it('warns when credentials are sent without TLS', () => {
    const plain = (user: object) =>
      connectToCluster({ ...usual, kubeconfig: kubeconfig(user, { server: 'http://192.0.2.1:8080' }), env: {} })
        .remarks;
    const warning = { severity: 'warning', message: expect.stringMatching(/^credentials are sent to http:\/\/192/) };
    for (const user of [{ token }, { tokenFile: 'token' }, { username: 'a', password: 'b' }]) {
      expect(plain(user)).toEqual([warning]);
    }
    expect(plain({})).toEqual([]);
    expect(connectToCluster({ ...usual, kubeconfig: kubeconfig({ token }), env: {} }).remarks).toEqual([]);
  });

  it('ends an exec plugin that hangs with all that it started, and runs one at a time', async () => {
    const log = file('pids', '');
    chmodSync(file('plugin', `#!/bin/sh\necho $$ >> ${log}\nsleep 60 &\necho $! >> ${log}\nwait`), 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin' };
    const timing = { answerMs: 500 };
    const cluster = connectToCluster({ ...usual, kubeconfig: kubeconfig({ exec }), timing });
    for (let tries = 0; tries < 2; tries += 1) {
      expect((await Promise.all([get(cluster), get(cluster)])).join()).toMatch(/exec plugin .* was stopped/);
    }
    const pids = readFileSync(log, 'utf8').trim().split('\n').map(Number);
    expect(pids).toHaveLength(4);
    // Those that have ended, but were not waited for by whoever inherited them, are no load.
    const stateOf = (pid: number): string | undefined => {
      try {
        return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      } catch {
        return undefined;
      }
    };
    await until(() => pids.map(stateOf).every((state) => state === undefined || state === 'Z'));
  });

  it('reads a kubeconfig from a pipe, and no token or certificate', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const written = once(spawn('sh', ['-c', `cat ${kubeconfig({ token })} > ${pipe}`]), 'close');
    expect(await get(connectToCluster({ ...usual, kubeconfig: pipe }))).toBe('NodeList');
    await written;
    const tokenFile = kubeconfig({ tokenFile: pipe });
    expect(await get(connectToCluster({ ...usual, kubeconfig: tokenFile }))).toContain('pipe is not a regular file');
    expect(() => connectToCluster({ ...usual, kubeconfig: kubeconfig({ 'auth-provider': { name: 'gcp' } }) })).toThrow(
      'the auth provider gcp left Kubernetes in 1.26',
    );
  });

  it('gives up an exec plugin that hangs, and names one that fails', async () => {
    const hangs = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['2'] } };
    const timing = { answerMs: 100 };
    expect(await get(connectToCluster({ ...usual, kubeconfig: kubeconfig(hangs), timing }))).toContain(
      'no credentials: the exec plugin sleep was stopped (no answer after 0.1 s); its limit is 0.1 s',
    );
    const fails = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin' } };
    expect(await get(connectToCluster({ ...usual, kubeconfig: kubeconfig(fails) }))).toMatch(
      /no credentials: .*ENOENT/,
    );
  });

  it('trusts only the authority that it is told to trust', async () => {
    const otherCa = base64(makeCertificates().ca);
    const trusting = (cluster: object) => connectToCluster({ ...usual, kubeconfig: kubeconfig({ token }, cluster) });
    expect(await get(trusting({ 'certificate-authority': undefined, 'certificate-authority-data': otherCa }))).toMatch(
      /127\.0\.0\.1:\d+: its certificate is not signed by the known authority; check certificate-authority/,
    );
    expect(await get(trusting({ server: server.url.replace('127.0.0.1', 'localhost') }))).toBe('NodeList');
    expect(await get(trusting({ 'tls-server-name': 'elsewhere' }))).toContain('its certificate is for other names');
    expect(await get(trusting({ 'certificate-authority': undefined, 'insecure-skip-tls-verify': true }))).toBe(
      'NodeList',
    );
  });

  it('says that plain HTTP is not what the server speaks', async () => {
    const cluster = connectToCluster({ ...usual, master: server.url.replace('https', 'http') });
    expect(await get(cluster)).toMatch(/http:\/\/127\.0\.0\.1:\d+: /);
  });

  it('takes the master instead of the server of the file', async () => {
    const path = kubeconfig({ token }, { server: 'https://192.0.2.1' });
    const cluster = connectToCluster({ ...usual, kubeconfig: path, master: server.url });
    expect(cluster.server).toBe(server.url);
    expect(await get(cluster)).toBe('NodeList');
  });
});

describe('in a pod', () => {
  beforeEach(() => serve({ accepts: { token: 'first' } }));

  it('uses the service account, and follows its token', async () => {
    file('token', 'first');
    const { hostname, port } = new URL(server.url);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    const cluster = connectToCluster({ ...usual, env, serviceAccountFolder: folder });
    expect(await get(cluster)).toBe('NodeList');
    file('token', 'second');
    server.accepts.token = 'second';
    expect(await get(cluster)).toContain('401');
    expect(await get(cluster)).toBe('NodeList');
    await server.goDown();
    expect(await get(cluster)).toContain('this is the address for pods, a Service itself; give --master');
    await server.comeBack();
  });
});

describe('with a master alone', () => {
  it('comes without credentials, below a path if there is one, and says who it is', async () => {
    server = await startApiServer({ prefix: '/k8s/clusters/one' });
    const cluster = connectToCluster({ ...usual, master: `${server.url}/`, userAgent: 'rulewright/1' });
    expect(await get(cluster)).toBe('NodeList');
    expect(server.requests.map(({ userAgent }) => userAgent)).toEqual(['rulewright/1']);
  });
});

describe('the rate limit', () => {
  beforeEach(() => serve({}));

  it('lets a burst through and then so many a second, in turn', async () => {
    const clock = createHastyClock();
    const cluster = connectToCluster({
      ...usual,
      kubeconfig: kubeconfig({}),
      qps: 5,
      burst: 3,
      clock: { ...clock, nowMs: () => 0 },
    });
    await Promise.all(Array.from({ length: 6 }, () => get(cluster)));
    expect(clock.waits).toEqual([200, 400, 600]);
    await until(() => server.requests.length === 6);
  });
});
