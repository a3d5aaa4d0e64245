import { describe, expect, it, onTestFinished } from 'vitest';
import { textResponse } from '../../../src/observe/http/response.ts';
import { type MetricsServerOptions, startMetricsServer } from '../../../src/observe/pages/metrics-server.ts';
import { createTransactionHistory } from '../../../src/observe/pages/transactions.ts';
import { endpoint, service, slice, snapshotOf } from '../../support/objects.ts';
import { type Fetch, fetchPage } from '../http/fetching.ts';
import { metricsForTest } from '../metrics/reading.ts';
import { appliedReport, startedAtMs, syncReport } from '../reports.ts';

const esc = '\u001b';

/** A function that fetches a page of a server with nothing special about it. */
async function pages(over: Partial<MetricsServerOptions> = {}) {
  const transactions = createTransactionHistory();
  transactions.record(syncReport({ families: [appliedReport()] }));
  const server = startMetricsServer({
    serve: {
      host: '127.0.0.1',
      port: 0,
      onProblem: (problem) => {
        throw new Error(problem);
      },
      onFailure: (_path, error) => {
        throw error;
      },
    },
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
    ...over,
  });
  onTestFinished(() => server.close());
  const port = await server.listening;
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
    ['/proxyMode', 'text/plain; charset=utf-8', 'nftables'],
    ['/configz', 'application/json', '{"kubeproxy.config.k8s.io":{"mode":"nftables","nftables":{"masqueradeBit":14}}}'],
    [
      '/flagz',
      'text/plain; charset=utf-8',
      `\nrulewright flags\n${warning}\n\nbind-address=0.0.0.0\nhostname-override=a\\u001b[2J\nproxy-mode=nftables\n`,
    ],
    [
      '/statusz',
      'text/plain; charset=utf-8',
      `\nrulewright statusz\n${warning}\n\nStarted: Thu, 26 Nov 2026 11:02:19 GMT\nUp: 1 hr 02 min 05 sec\n` +
        `Node version: ${process.version}\nBinary version: 0.1.0\n` +
        'Paths: /configz /debug /flagz /healthz /metrics /proxyMode /statusz\n',
    ],
    ['/debug/ruleset', 'text/plain; charset=utf-8', 'table ip rulewright {\n}\n'],
  ])('serves %s', async (path, contentType, body) => {
    expect(await (await pages())(path)).toMatchObject({
      status: 200,
      headers: { 'content-type': contentType, 'x-content-type-options': 'nosniff' },
      body,
    });
  });

  it('serves flagz and statusz to callers who take text only', async () => {
    const get = await pages();
    for (const [accept, status] of [
      ['text/plain', 200],
      ['application/json, */*;q=0.5', 200],
      ['text/*', 200],
      ['application/json', 406],
      ['text/html', 406],
    ] as const) {
      expect((await get('/statusz', { headers: { accept } })).status, accept).toBe(status);
      expect((await get('/flagz', { headers: { accept } })).status, accept).toBe(status);
    }
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
        '/healthz             ok',
        '/proxyMode           iptables or nftables',
        '/configz             the configuration in force',
        '/flagz               the flags in force',
        '/statusz             version and uptime',
        '/debug/snapshot      what is known of the cluster',
        '/debug/ruleset       the rules as they would be loaded',
        '/debug/transactions  what was sent to the kernel lately',
        `/debug/verify        ${about}`,
        '',
      ].join('\n'),
    );
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
