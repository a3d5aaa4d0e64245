import { describe, expect, it } from 'vitest';
import { endpoint, ip, service, slice } from '../support/objects.ts';
import { named, set, startStage, synced } from './support/stage.ts';

describe('the report of a turn', () => {
  it('says why, when, what was taken in, what was sent and what stands', async () => {
    const stage = startStage();
    await synced(stage);
    const changes = set(...named('api', '10.96.0.2', '10.244.1.7'));
    stage.inbox.sink.changed(changes.map((change) => ({ ...change, triggeredAtMs: 5 })));
    await stage.clock.advance(100);
    const [report] = stage.reports.slice(-1);
    const wallMs = Date.UTC(2026, 0, 1) + 2000;
    expect(report).toMatchObject({
      number: 2,
      cause: 'change',
      startedAtMs: wallMs,
      queuedAtMs: wallMs,
      changes: { services: 1, slices: 1, others: 0 },
      diagnostics: [],
    });
    expect(report?.families).toEqual([
      {
        family: 'IPv4',
        mode: 'nftables',
        result: 'applied',
        ...{ diffMs: 0, applyMs: 15, lockWaitMs: 0 },
        text: stage.kernel.applied[1]?.text,
        summary: expect.objectContaining({ elements: expect.objectContaining({ removed: 0 }) }),
        ...{ lost: [], quarantined: [], triggeredAtMs: [5, 5] },
        rules: { rulewright: expect.any(Number) },
        withoutLocalEndpoints: { internal: 0, external: 0 },
      },
    ]);
  });

  it('adds up what several transactions of one turn were', async () => {
    const stage = startStage();
    await synced(stage);
    stage.kernel.poison.add('10.244.9.9');
    const bad = named('bad', '10.96.0.9', '10.244.9.9');
    stage.inbox.sink.changed(
      set(...named('a', '10.96.0.2', '10.244.1.7'), ...bad, ...named('c', '10.96.0.3', '10.244.1.8')),
    );
    await stage.clock.advance(1000);
    const family = stage.reports.at(-1)?.families[0];
    expect(family?.result).toBe('applied');
    expect(family?.text).toContain('10.96.0.2');
    expect(family?.text).toContain('10.96.0.3');
    expect(family?.text).not.toContain('10.244.9.9');
    const single = startStage();
    await synced(single);
    single.inbox.sink.changed(set(...named('a', '10.96.0.2', '10.244.1.7'), ...named('c', '10.96.0.3', '10.244.1.8')));
    await single.clock.advance(1000);
    expect(family?.summary['elements']).toEqual(single.reports.at(-1)?.families[0]?.summary['elements']);
  });

  it('counts service ports whose policy is Local and that have no endpoint here', async () => {
    const stage = startStage();
    await synced(stage);
    const away = service('away', { clusterIps: { IPv4: ip('10.96.0.2') }, internalTrafficPolicy: 'Local' });
    const outside = service('outside', {
      clusterIps: { IPv4: ip('10.96.0.3') },
      externalTrafficPolicy: 'Local',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30_080 }],
    });
    for (const object of [away, outside]) {
      const endpoints = slice(object.name, [endpoint('10.244.2.2')]);
      stage.inbox.sink.changed(set({ kind: 'Service', object }, { kind: 'EndpointSlice', object: endpoints }));
    }
    await stage.clock.advance(1000);
    expect(stage.reports.at(-1)?.families[0]?.withoutLocalEndpoints).toEqual({ internal: 1, external: 1 });
  });

  it('names a diagnostic once that both families find', async () => {
    const stage = startStage({ families: ['IPv4', 'IPv6'] });
    await synced(stage);
    const ports = [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30_080 } as const];
    stage.inbox.sink.changed(
      set(...['one', 'two'].map((name) => ({ kind: 'Service', object: service(name, { ports }) }) as const)),
    );
    await stage.clock.advance(1000);
    const codes = stage.reports.at(-1)?.diagnostics.map(({ object, problem }) => `${object.name} ${problem}`) ?? [];
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.length).toBeGreaterThan(0);
  });
});
