import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HealthCheck } from '../../../src/core/model/plan.ts';
import { createServiceChecks, type ServiceChecksOptions } from '../../../src/observe/health/service-checks.ts';
import { fetchPage } from '../http/fetching.ts';

interface Over extends Partial<ServiceChecksOptions> {
  readonly addresses?: () => readonly string[];
}

/** Checks on the addresses that there are at each sync. */
function serviceChecks({ addresses = () => ['127.0.0.1'], ...over }: Over = {}) {
  const checks = createServiceChecks({
    isHealthy: () => true,
    onProblem: (_check, problem) => {
      throw new Error(problem);
    },
    onFailure: (_path, error) => {
      throw error;
    },
    retryMs: 5,
    ...over,
  });
  onTestFinished(() => checks.close());
  return {
    ...checks,
    sync: (wanted: readonly HealthCheck[]) => checks.sync([{ checks: wanted, hosts: addresses() }]),
    syncFamilies: checks.sync,
  };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function check(port: number, localEndpoints: number, name = 'web'): HealthCheck {
  return { namespace: 'shop', name, port, localEndpoints };
}

function answers(port: number, host?: string) {
  return vi.waitFor(() => fetchPage({ port, path: '/healthz', ...(host === undefined ? {} : { host }) }));
}

async function refuses(port: number): Promise<void> {
  await vi.waitFor(() => expect(fetchPage({ port, path: '/' })).rejects.toThrow('ECONNREFUSED'));
}

describe('the health checks of Services', () => {
  it('answer as kube-proxy does, byte for byte', async () => {
    const port = await freePort();
    serviceChecks().sync([check(port, 3)]);
    expect(await answers(port)).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'application/json',
        'x-content-type-options': 'nosniff',
        'x-load-balancing-endpoint-weight': '3',
      },
      body:
        '{\n\t"service": {\n\t\t"namespace": "shop",\n\t\t"name": "web"\n\t},\n' +
        '\t"localEndpoints": 3,\n\t"serviceProxyHealthy": true\n}',
    });
  });

  it('answer 503 without local endpoints, or while the proxy does not keep up', async () => {
    let healthy = true;
    const port = await freePort();
    const checks = serviceChecks({ isHealthy: () => healthy });
    checks.sync([check(port, 0)]);
    expect(await answers(port)).toMatchObject({
      status: 503,
      headers: { 'x-load-balancing-endpoint-weight': '0' },
      body: expect.stringContaining('"localEndpoints": 0,\n\t"serviceProxyHealthy": true'),
    });
    checks.sync([check(port, 2)]);
    expect(await answers(port)).toMatchObject({ status: 200, headers: { 'x-load-balancing-endpoint-weight': '2' } });
    healthy = false;
    expect(await answers(port)).toMatchObject({
      status: 503,
      headers: { 'x-load-balancing-endpoint-weight': '2' },
      body: expect.stringContaining('"serviceProxyHealthy": false'),
    });
  });

  it('open and close with their Services', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const checks = serviceChecks();
    checks.sync([check(first, 1)]);
    await answers(first);
    checks.sync([check(second, 1)]);
    expect((await answers(second)).status).toBe(200);
    await refuses(first);
    checks.sync([]);
    await refuses(second);
  });

  it('may hand a port from one Service to another in one step', async () => {
    const port = await freePort();
    const checks = serviceChecks();
    checks.sync([check(port, 1, 'old')]);
    await answers(port);
    checks.sync([check(port, 1, 'new')]);
    await vi.waitFor(async () => {
      expect((await fetchPage({ port, path: '/' })).body).toContain('"name": "new"');
    });
  });

  it('listen on each address that takes NodePorts, and follow when those change', async () => {
    const port = await freePort();
    let addresses = ['127.0.0.1'];
    const checks = serviceChecks({ addresses: () => addresses });
    checks.sync([check(port, 1)]);
    await answers(port, '127.0.0.1');
    addresses = ['127.0.0.2', '::1'];
    checks.sync([check(port, 1)]);
    expect((await answers(port, '127.0.0.2')).status).toBe(200);
    expect((await answers(port, '::1')).status).toBe(200);
    await refuses(port);
  });

  it.each([
    ['0.0.0.0', '127.0.0.3', '::1'],
    ['::', '::1', '127.0.0.3'],
  ])('listen on all addresses of one family with %s', async (wildcard, own, other) => {
    const port = await freePort();
    serviceChecks({ addresses: () => [wildcard] }).sync([check(port, 1)]);
    expect((await answers(port, own)).status).toBe(200);
    await expect(fetchPage({ port, path: '/', host: other })).rejects.toThrow('ECONNREFUSED');
  });

  it('count the endpoints of each family on its own', async () => {
    const port = await freePort();
    const checks = serviceChecks();
    const sync = (ipv4: number, ipv6: number) =>
      checks.syncFamilies([
        { checks: [check(port, ipv4)], hosts: ['0.0.0.0'] },
        { checks: [check(port, ipv6)], hosts: ['::'] },
      ]);
    sync(2, 0);
    expect(await answers(port, '127.0.0.1')).toMatchObject({
      status: 200,
      headers: { 'x-load-balancing-endpoint-weight': '2' },
    });
    expect(await answers(port, '::1')).toMatchObject({
      status: 503,
      headers: { 'x-load-balancing-endpoint-weight': '0' },
    });
    sync(0, 1);
    expect((await answers(port, '127.0.0.1')).status).toBe(503);
    expect((await answers(port, '::1')).status).toBe(200);
  });

  it('tell once of a port that is taken, and serve when it is free', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const onProblem = vi.fn();
    const checks = serviceChecks({ onProblem });
    checks.sync([check(port, 1)]);
    await vi.waitFor(() => expect(onProblem).toHaveBeenCalled());
    checks.sync([check(port, 4)]);
    holder.close();
    expect((await answers(port)).headers['x-load-balancing-endpoint-weight']).toBe('4');
    expect(onProblem.mock.calls).toEqual([[check(port, 1), expect.stringContaining('EADDRINUSE')]]);
  });

  it('leave no port open behind them', async () => {
    const port = await freePort();
    const checks = serviceChecks();
    checks.sync([check(port, 1)]);
    await answers(port);
    await checks.close();
    await expect(fetchPage({ port, path: '/' })).rejects.toThrow('ECONNREFUSED');
  });
});
