import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { type ApiServer, startApiServer } from '../../../scripts/lab/api-server/server.ts';
import { connectToCluster } from '../../../src/kubernetes/cluster.ts';
import { createClusterSource } from '../../../src/kubernetes/cluster-source.ts';
import { type AnsweredRequest, noObserver } from '../../../src/kubernetes/connection/client-observer.ts';
import { until } from '../../support/until.ts';

let server: ApiServer | undefined;
afterEach(() => server?.goDown());

it('counts requests by what was answered, and watches that begin anew by why', async () => {
  const api = await startApiServer({ initialEvents: 'refused' });
  server = api;
  const answered: AnsweredRequest[] = [];
  const restarts: string[] = [];
  const reached = new Set<string>();
  const observer = {
    answered: (request: AnsweredRequest) => void answered.push(request),
    restarted: (resource: string, reason: string) => void restarts.push(`${resource} ${reason}`),
    reached: (address: string, port: number) => void reached.add(`${address}:${port}`),
  };
  api.fault({ verb: 'list', kind: 'Service', fault: { does: 'status', code: 500 } });
  const cluster = connectToCluster({ kubeconfig: '', master: api.url, qps: 0, burst: 0, observer });
  const synced = new Set<string>();
  const running = createClusterSource(cluster, 'node-0').start({
    changed: () => undefined,
    diagnosed: () => undefined,
    synced: (kind) => void synced.add(kind),
    progress: () => undefined,
  });
  await until(() => expect(synced.size).toBe(4));
  await running.stop();
  const { host } = new URL(api.url);
  expect(answered.every((request) => request.method === 'GET' && request.host === host)).toBe(true);
  const codes = new Set(answered.map(({ code }) => code));
  expect([...codes].sort()).toEqual([200, 422, 500]);
  expect(answered.every(({ seconds, rateLimitSeconds }) => seconds >= 0 && rateLimitSeconds >= 0)).toBe(true);
  expect(restarts).toEqual(['services busy']);
  expect([...reached]).toEqual([host]);
});

it('tells what the name of the API server stands for, also where nothing answers', async () => {
  server = await startApiServer({});
  const { port } = new URL(server.url);
  await server.goDown();
  const reached = new Set<string>();
  const observer = { ...noObserver, reached: (address: string, of: number) => void reached.add(`${address}:${of}`) };
  const master = `http://localhost:${port}`;
  const cluster = connectToCluster({ kubeconfig: '', master, qps: 0, burst: 0, observer });
  const asked = { verb: 'list', resource: 'services' };
  const request = cluster.request({ method: 'GET', path: '/api/v1/services', asked }, new AbortController().signal);
  await expect(request).rejects.toThrow();
  expect([...reached]).toContain(`127.0.0.1:${port}`);
});

it('counts the bytes of bodies, where the answer tells its size', async () => {
  const web = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(201, { 'Content-Length': 7 }).end('{"a":1}'));
  });
  await once(web.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void web.close());
  const answered: AnsweredRequest[] = [];
  const observer = { ...noObserver, answered: (request: AnsweredRequest) => void answered.push(request) };
  const master = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const cluster = connectToCluster({ kubeconfig: '', master, qps: 0, burst: 0, observer });
  const body = '{"reason":"é"}';
  const asked = { verb: 'create', resource: 'events' };
  const posted = { method: 'POST', path: '/apis', asked, body, contentType: 'application/json' } as const;
  for await (const chunk of await cluster.request(posted, new AbortController().signal)) expect(chunk.length).toBe(7);
  expect(answered).toMatchObject([{ method: 'POST', code: 201, requestBytes: 15, responseBytes: 7 }]);
});
