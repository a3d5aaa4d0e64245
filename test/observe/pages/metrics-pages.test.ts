import { hostname, networkInterfaces } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { refuseDebug } from '../../../src/observe/http/access.ts';
import { textResponse } from '../../../src/observe/http/response.ts';
import { createMetricsPages, type MetricsPagesOptions } from '../../../src/observe/pages/metrics-pages.ts';
import { createTransactionHistory } from '../../../src/observe/pages/transactions.ts';
import { endpoint, service, slice, snapshotOf } from '../../support/objects.ts';
import { type Fetch, fetchPage, serveForTest } from '../http/fetching.ts';
import { metricsForTest } from '../metrics/reading.ts';
import { appliedReport, startedAtMs, syncReport } from '../reports.ts';

const esc = '\u001b';

/** A function that fetches a page of a server with nothing special about it. */
async function pages(over: Partial<MetricsPagesOptions> = {}, host = '127.0.0.1') {
  const transactions = createTransactionHistory();
  transactions.record(syncReport({ families: [appliedReport()] }));
  const handle = createMetricsPages({
    metrics: metricsForTest(),
    about: {
      mode: 'nftables',
      flags: { 'proxy-mode': 'nftables', 'bind-address': '0.0.0.0', 'hostname-override': `a${esc}[2J` },
      config: { mode: 'nftables', nftables: { masqueradeBit: 14 } },
      version: '0.1.0',
      startedAtMs,
      now: () => startedAtMs + 3_725_000,
    },
    debug: {
      snapshot: () => snapshotOf({ services: [service('web')], slices: [slice('web', [endpoint('10.244.1.2')])] }),
      ruleset: () => ['table ip rulewright {\n', '}\n'],
      transactions,
    },
    enableProfiling: false,
    setVerbosity: vi.fn(),
    access: { allowedHosts: ['proxy.example'], isOpen: false },
    ...over,
  });
  const port = await serveForTest({ handle, host }).listening;
  return (path: string, request: Partial<Fetch> = {}) => fetchPage({ port, path, ...request });
}

const warning =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees ' +
  'and is for debugging purposes only.';

describe('the metrics server', () => {
  it('serves the metrics as Prometheus wants them', async () => {
    const { status, headers, body } = await (await pages())('/metrics');
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(body).toContain('# TYPE kubeproxy_sync_proxy_rules_duration_seconds histogram\n');
  });

  it.each([
    ['/healthz', 'text/plain; charset=utf-8', 'ok'],
    ['/healthz?verbose', 'text/plain; charset=utf-8', '[+]ping ok\nhealthz check passed\n'],
    ['/healthz/ping', 'text/plain; charset=utf-8', 'ok'],
    ['/proxyMode', 'text/plain; charset=utf-8', 'nftables'],
    ['/configz', 'application/json', '{"kubeproxy.config.k8s.io":{"mode":"nftables","nftables":{"masqueradeBit":14}}}'],
    [
      '/flagz',
      'text/plain; charset=utf-8',
      `\nrulewright flagz\n${warning}\nbind-address: 0.0.0.0\nhostname-override: a\\u001b[2J\nproxy-mode: nftables\n`,
    ],
    [
      '/statusz',
      'text/plain; charset=utf-8',
      `\nrulewright statusz\n${warning}\n\nStarted:  Thu, 26 Nov 2026 11:02:19 GMT\nUp:  1 hr 02 min 05 sec\n` +
        `Node version:  ${process.version}\nBinary version:  0.1.0\nEmulation version:  1.36\n` +
        'Paths:  /configz /debug/ /flagz /healthz /healthz/ping /metrics /metrics/slis /proxyMode /statusz\n',
    ],
    ['/debug/ruleset', 'text/plain; charset=utf-8', 'table ip rulewright {\n}\n'],
  ])('serves %s', async (path, contentType, body) => {
    expect(await (await pages())(path)).toMatchObject({
      status: 200,
      headers: { 'content-type': contentType, 'x-content-type-options': 'nosniff' },
      body,
    });
  });

  it('serves flagz and statusz as text, or as JSON to callers who ask for that', async () => {
    const get = await pages();
    for (const [accept, status] of [
      ['text/plain', 200],
      ['application/json, */*;q=0.5', 200],
      ['text/*', 200],
      ['application/json', 200],
      ['application/json;as=Other;v=v1beta1;g=config.k8s.io', 406],
      ['application/json;v=v2', 406],
      ['application/yaml', 406],
      ['text/html', 406],
    ] as const) {
      expect((await get('/statusz', { headers: { accept } })).status, accept).toBe(status);
      expect((await get('/flagz', { headers: { accept } })).status, accept).toBe(status);
    }
  });

  it('names the version of the JSON as kube-proxy does', async () => {
    const get = await pages();
    for (const version of ['v1alpha1', 'v1beta1']) {
      const accept = (as: string) => ({
        headers: { accept: `application/json;as=${as};v=${version};g=config.k8s.io` },
      });
      const { headers, body } = await get('/statusz', accept('Statusz'));
      expect(headers['content-type']).toBe(`application/json;g=config.k8s.io;v=${version};as=Statusz`);
      expect(JSON.parse(body)).toEqual({
        kind: 'Statusz',
        apiVersion: `config.k8s.io/${version}`,
        metadata: { name: 'rulewright' },
        startTime: new Date(startedAtMs).toISOString(),
        uptimeSeconds: 3725,
        nodeVersion: process.version,
        binaryVersion: '0.1.0',
        emulationVersion: '1.36',
        paths: expect.arrayContaining(['/configz', '/debug/', '/flagz']),
      });
      expect(JSON.parse((await get('/flagz', accept('Flagz'))).body)).toMatchObject({
        kind: 'Flagz',
        flags: { 'proxy-mode': 'nftables', 'hostname-override': `a${esc}[2J` },
      });
    }
  });

  it('names no page in /statusz and /debug/ that is not there', async () => {
    const get = await pages({ enableProfiling: true });
    const { paths } = JSON.parse((await get('/statusz', { headers: { accept: 'application/json' } })).body);
    const listed = (await get('/debug/')).body.split('\n').map((line) => line.split(' ', 1)[0] ?? '');
    for (const path of [...paths, ...listed.filter((each) => each !== '' && !each.startsWith('/debug/pprof'))]) {
      expect((await get(path)).status, path).not.toBe(404);
    }
    expect(listed).toEqual(expect.arrayContaining([...paths, '/debug/flags/v', '/debug/pprof/heap']));
    expect((await get('/debug')).body).toBe((await get('/debug/')).body);
  });

  it('counts the checks of its healthz at /metrics/slis', async () => {
    const get = await pages();
    await get('/healthz');
    expect((await get('/metrics/slis')).body).toContain(
      'kubernetes_healthchecks_total{name="ping",status="success",type="healthz"} 1\n',
    );
  });

  it('serves what is known of the cluster as a List that can be compiled, an object a line', async () => {
    const { headers, body } = await (await pages())('/debug/snapshot');
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toMatchObject({
      kind: 'List',
      items: [
        { kind: 'Service', metadata: { namespace: 'shop', name: 'web' }, spec: { clusterIPs: ['10.96.0.1'] } },
        { kind: 'EndpointSlice', metadata: { name: 'web-a' }, endpoints: [{ addresses: ['10.244.1.2'] }] },
      ],
    });
    expect(body.split('\n').filter((line) => line.includes('"kind":"Service"'))).toHaveLength(1);
  });

  it('serves the last transactions', async () => {
    expect((await (await pages())('/debug/transactions')).body).toContain('delete element ip rulewright endpoints');
  });

  it('lists its pages, those of the daemon too', async () => {
    const about = 'whether the kernel does what was planned';
    const get = await pages({ routes: [{ path: '/debug/verify', about, handler: () => textResponse('equal\n') }] });
    expect((await get('/debug/verify')).body).toBe('equal\n');
    expect((await get('/debug/')).body).toBe(
      [
        '/metrics             metrics for Prometheus',
        '/healthz             ok; ?verbose names the checks',
        '/healthz/ping        ok',
        '/metrics/slis        the checks of /healthz as metrics',
        '/proxyMode           iptables or nftables',
        '/configz             the configuration in force',
        '/flagz               the flags in force, as text or JSON',
        '/statusz             version and uptime, as text or JSON',
        '/debug/snapshot      what is known of the cluster',
        '/debug/ruleset       the rules as they would be loaded',
        '/debug/transactions  what was sent to the kernel lately',
        `/debug/verify        ${about}`,
        '/debug/              this list',
        '',
      ].join('\n'),
    );
  });
});

describe('who may see debug pages', () => {
  const asking = (host: string): Partial<Fetch> => ({ headers: { host } });

  it.each([
    ...[
      '127.0.0.1:10249',
      '[::1]:10249',
      '192.168.0.2',
      'localhost',
      'LOCALHOST:1',
      'localhost.',
      'Proxy.example:10249',
    ],
    hostname(),
  ])('are callers that call this node %s', async (host) => {
    expect((await (await pages())('/debug/snapshot', asking(host))).status).toBe(200);
  });

  it.each(['rebind.example', 'localhost.rebind.example', '127.0.0.1.rebind.example', 'proxy.example.org', '1.2.3'])(
    'are none that call it %s',
    async (host) => {
      const get = await pages({ enableProfiling: true });
      for (const path of ['/debug/snapshot', '/debug/', '/debug', '/debug/none', '/debug/pprof/profile?seconds=0.1']) {
        expect(await get(path, asking(host)), path).toMatchObject({
          status: 403,
          body: expect.stringContaining('--allowed-hosts'),
        });
      }
      expect((await get('/debug/flags/v', { ...asking(host), method: 'PUT', body: '4' })).status).toBe(403);
      expect((await get('/metrics', asking(host))).status).toBe(200);
    },
  );

  it.each([
    [false, 403],
    [true, 200],
  ])('are those with another address only where a debug address is open: %s', async (isOpen, status) => {
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const address = own.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    // A machine without such an address is asked in place of it by what the pages are told of a caller.
    const access = { allowedHosts: [], isOpen };
    expect(refuseDebug({ host: '', isLoopback: false }, access)?.status ?? 200).toBe(status);
    if (address === undefined) return;
    const get = await pages({ access }, '0.0.0.0');
    expect((await get('/debug/ruleset', { host: address })).status).toBe(status);
    expect((await get('/metrics', { host: address })).status).toBe(200);
    expect((await get('/debug/ruleset')).status).toBe(200);
  });
});

describe('the verbosity of the log', () => {
  it('is changed by PUT, with profiling, as in kube-proxy', async () => {
    const setVerbosity = vi.fn();
    const get = await pages({ enableProfiling: true, setVerbosity });
    const put = (body: string) => get('/debug/flags/v', { method: 'PUT', body });
    expect(await put('4')).toMatchObject({ status: 200, body: 'successfully set klog.logging.verbosity to 4\n' });
    expect(setVerbosity).toHaveBeenCalledExactlyOnceWith(4);
    for (const body of ['', 'abc', '-1', '4 ', '1e3']) expect((await put(body)).status, body).toBe(400);
    expect((await put('4'.repeat(2000))).status).toBe(413);
    expect((await get('/debug/flags/v')).status).toBe(406);
    expect((await get('/statusz', { method: 'PUT', body: '4' })).status).toBe(405);
    expect((await (await pages({ setVerbosity }))('/debug/flags/v', { method: 'PUT', body: '4' })).status).toBe(404);
    expect(setVerbosity).toHaveBeenCalledOnce();
  });
});

describe('profiling', () => {
  it('is not there unless it is enabled', async () => {
    const get = await pages();
    for (const path of ['/debug/pprof/profile?seconds=0.1', '/debug/pprof/heap?confirm=stop']) {
      expect((await get(path)).status).toBe(404);
    }
  });

  it('gives a profile of the processor, one at a time', async () => {
    const get = await pages({ enableProfiling: true });
    const path = '/debug/pprof/profile?seconds=0.2';
    const both = await Promise.all([get(path), get(path)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { headers, body } = both.find(({ status }) => status === 200) ?? { headers: {}, body: '' };
    expect(headers).toMatchObject({ 'content-disposition': 'attachment; filename="rulewright.cpuprofile"' });
    const { nodes, startTime, endTime } = JSON.parse(body);
    expect(nodes.length).toBeGreaterThan(0);
    expect(endTime - startTime).toBeGreaterThan(150_000);
    expect((await get(path)).status).toBe(200);
  });

  it.each(['0', '-1', '61', 'x', 'Infinity', ''])('refuses %o seconds', async (seconds) => {
    const get = await pages({ enableProfiling: true });
    expect((await get(`/debug/pprof/profile?seconds=${seconds}`)).status).toBe(400);
  });

  it('stops the daemon for a heap snapshot only when told so', async () => {
    const get = await pages({ enableProfiling: true });
    expect((await get('/debug/pprof/heap')).status).toBe(403);
    const { status, body } = await get('/debug/pprof/heap?confirm=stop');
    expect(status).toBe(200);
    expect(JSON.parse(body).snapshot.node_count).toBeGreaterThan(1000);
  });
});
