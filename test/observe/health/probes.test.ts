import { describe, expect, it } from 'vitest';
import { createHealth, type Health } from '../../../src/observe/health/health.ts';
import { createProbes } from '../../../src/observe/health/probes.ts';
import { createRoutes } from '../../../src/observe/http/routes.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { fetchPage, serveForTest } from '../http/fetching.ts';

const startMs = Date.UTC(2026, 10, 26, 11, 0, 0);

async function probes() {
  const clock = createVirtualClock(startMs);
  const health: Health = createHealth({ clock, syncPeriodMs: 30_000 });
  const observed: string[] = [];
  const reasons: string[] = [];
  const routes = createProbes({
    status: health.status,
    readiness: () => ({ ready: reasons.length === 0, reasons }),
    now: clock.wallMs,
    observeProbe: (path, code) => observed.push(`${path} ${code}`),
  });
  const port = await serveForTest({ handle: createRoutes(routes).handle }).listening;
  const get = async (path: string): Promise<string> => {
    const { status, headers, body } = await fetchPage({ port, path });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
    return `${status} ${body}`;
  };
  return {
    health,
    observed,
    reasons,
    get,
    pass: clock.pass,
  };
}

describe('/healthz and /livez', () => {
  it('answer as kube-proxy does before the first sync', async () => {
    const { get, observed, health } = await probes();
    health.setNodeEligible(true);
    expect(await get('/healthz')).toBe(
      '200 {"lastUpdated":"2026-11-26T11:00:00.000Z","currentTime":"2026-11-26T11:00:00.000Z",' +
        '"nodeEligible":true,"healthy":true}',
    );
    expect(await get('/livez')).toBe(
      '200 {"lastUpdated":"2026-11-26T11:00:00.000Z","currentTime":"2026-11-26T11:00:00.000Z","healthy":true}',
    );
    expect(observed).toEqual(['healthz 200', 'livez 200']);
  });

  it('answer 503 with the family that is late', async () => {
    const { health, get, pass, observed } = await probes();
    health.setNodeEligible(true);
    health.synced('IPv6');
    health.synced('IPv4');
    pass(5000);
    health.synced('IPv4');
    health.queued('IPv6');
    pass(60_000);
    const status =
      '"healthy":false,"status":{"IPv4":{"lastUpdated":"2026-11-26T11:00:05.000Z","healthy":true},' +
      '"IPv6":{"lastUpdated":"2026-11-26T11:00:00.000Z","healthy":false}}}';
    const times = '"lastUpdated":"2026-11-26T11:00:05.000Z","currentTime":"2026-11-26T11:01:05.000Z"';
    expect(await get('/healthz')).toBe(`503 {${times},"nodeEligible":true,${status}`);
    expect(await get('/livez')).toBe(`503 {${times},${status}`);
    expect(observed).toEqual(['healthz 503', 'livez 503']);
  });

  it('differ while there is no Node, or it is about to be removed', async () => {
    const { health, get } = await probes();
    expect(await get('/healthz')).toMatch(/^503 .*"nodeEligible":false,"healthy":true/);
    expect(await get('/livez')).toMatch(/^200 /);
    health.setNodeEligible(true);
    expect(await get('/healthz')).toMatch(/^200 /);
    health.setNodeEligible(false);
    expect(await get('/healthz')).toBe(
      '503 {"lastUpdated":"0001-01-01T00:00:00Z","currentTime":"2026-11-26T11:00:00.000Z",' +
        '"nodeEligible":false,"healthy":true}',
    );
    expect(await get('/livez')).toMatch(/^200 /);
  });
});

it('/readyz gives the reasons, and is not counted among the probes of kube-proxy', async () => {
  const { get, reasons, observed } = await probes();
  expect(await get('/readyz')).toBe('200 {"ready":true,"reasons":[]}');
  reasons.push('IPv4: the first sync is not done');
  expect(await get('/readyz')).toBe('503 {"ready":false,"reasons":["IPv4: the first sync is not done"]}');
  expect(observed).toEqual([]);
});
