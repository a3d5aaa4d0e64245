import { describe, expect, it } from 'vitest';
import { named, results, set, startStage, synced } from './support/stage.ts';

describe('the loop', () => {
  it('programs nothing before every kind is known', async () => {
    const stage = startStage();
    stage.loop.sink.changed(set(...named('web', '10.96.0.1', '10.244.1.1')));
    stage.loop.sink.synced('Service');
    await stage.clock.advance(100_000);
    expect(stage.kernel.applied).toEqual([]);
    expect(stage.loop.behindSinceMs()).toBe(1000);
    stage.loop.sink.synced('EndpointSlice');
    await stage.clock.advance(100);
    expect(stage.kernel.applied).toHaveLength(1);
    expect(stage.loop.behindSinceMs()).toBeUndefined();
  });

  it('sends the first change after quiet at once, and what comes meanwhile together', async () => {
    const stage = startStage();
    await synced(stage);
    const changedAtMs = stage.clock.nowMs();
    for (let i = 0; i < 30; i += 1) {
      stage.loop.sink.changed(set(...named('web', '10.96.0.1', '10.244.1.1', `10.244.2.${i}`)));
      await stage.clock.advance(1);
    }
    await stage.clock.advance(1000);
    const [, first, ...others] = stage.kernel.applied;
    expect(first?.startedAtMs).toBe(changedAtMs);
    expect(others).toHaveLength(1);
    expect(stage.reports.map(({ changes }) => changes.slices)).toEqual([1, 1, 29]);
  });

  it('adopts what stands and sends only what differs', async () => {
    const first = startStage();
    await synced(first);
    first.loop.stop();
    await first.running;
    const second = startStage();
    second.kernel.content = first.kernel.content;
    second.loop.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await synced(second);
    expect(second.kernel.applied).toHaveLength(1);
    expect(second.kernel.applied[0]?.text).toContain('10.96.0.2');
    expect(second.kernel.applied[0]?.text).not.toContain('10.96.0.1 ');
  });

  it('tries what failed again, from the same base, until it succeeds', async () => {
    const stage = startStage();
    await synced(stage);
    for (const waitMs of [10, 10, 10]) stage.kernel.faults.push({ kind: 'lock', waitMs });
    stage.loop.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await stage.clock.advance(150);
    expect(stage.loop.behindSinceMs()).toBe(2000);
    await stage.clock.advance(10_000);
    expect(results(stage)).toEqual(['start applied', 'change failed', 'retry failed', 'retry failed', 'retry applied']);
    expect(stage.reports[1]?.families[0]?.problem).toBe('the lock is held');
    expect(new Set(stage.kernel.applied.slice(1).map(({ text }) => text)).size).toBe(1);
    expect(stage.loop.behindSinceMs()).toBeUndefined();
  });

  it.each(['iptables', 'nftables'] as const)(
    'holds back, in %s mode, the Services the kernel refuses, alone',
    async (mode) => {
      const stage = startStage({ mode });
      await synced(stage);
      for (const address of ['10.244.66.101', '10.244.66.102']) stage.kernel.poison.add(address);
      const many = Array.from({ length: 20 }, (_, i) => named(`s${i}`, `10.96.1.${i}`, `10.244.66.${100 + i}`)).flat();
      stage.loop.sink.changed(set(...many));
      await stage.clock.advance(2000);
      const report = stage.reports.at(-1);
      expect(report?.families[0]?.quarantined).toEqual(['shop/s1', 'shop/s2']);
      expect(report?.diagnostics.map(({ code, object }) => `${code} ${object.name}`)).toEqual([
        'service-quarantined s1',
        'service-quarantined s2',
      ]);
      const standing = stage.loop.standing().families[0]?.snapshot.services;
      expect(standing?.size).toBe(19);

      // One is mended by its owner, the other by whatever made the kernel refuse it.
      stage.loop.sink.changed(set(...named('s1', '10.96.1.1', '10.244.1.9')));
      await stage.clock.advance(100);
      expect(stage.reports.at(-1)?.families[0]?.quarantined).toEqual(['shop/s2']);
      stage.kernel.poison.clear();
      await stage.clock.advance(200_000);
      expect(stage.reports.at(-1)?.families[0]?.quarantined).toEqual([]);
      expect(stage.loop.standing().families[0]?.snapshot.services.size).toBe(21);
    },
  );

  it('puts back what somebody took away, and says what was lost', async () => {
    const stage = startStage();
    await synced(stage);
    stage.kernel.tamper(() => undefined);
    await stage.clock.advance(200);
    expect(results(stage)).toEqual(['start applied', 'repair applied']);
    expect(stage.reports[1]?.families[0]?.lost).toEqual(['something is gone']);
    await stage.clock.advance(1000);
    expect(results(stage)).toHaveLength(2);
  });

  it('finishes the transaction under way when it is stopped, and begins no other', async () => {
    const stage = startStage();
    await synced(stage);
    stage.kernel.applyMs = 500;
    stage.loop.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await stage.clock.advance(10);
    stage.loop.sink.changed(set(...named('db', '10.96.0.3', '10.244.1.8')));
    stage.loop.stop();
    await stage.clock.advance(1000);
    await stage.running;
    const [, last] = stage.kernel.applied;
    expect(last?.text).toContain('10.96.0.2');
    expect((last?.endedAtMs ?? 0) - (last?.startedAtMs ?? 0)).toBe(500);
    expect(stage.kernel.applied).toHaveLength(2);
  });

  it('waits by a clock that does not jump', async () => {
    const stage = startStage();
    await synced(stage);
    stage.clock.jumpWall(-86_400_000);
    await stage.clock.advance(30_000);
    expect(results(stage)).toEqual(['start applied', 'period unchanged']);
  });

  it('names objects that cannot be read until they can', async () => {
    const stage = startStage();
    const bad = {
      code: 'x',
      severity: 'error',
      object: { kind: 'Service', name: 'bad' },
      field: '',
      problem: '',
      remedy: '',
    } as const;
    stage.loop.sink.diagnosed('Service', 'shop/bad', [bad]);
    await synced(stage);
    expect(stage.reports[0]?.diagnostics).toEqual([bad]);
    stage.loop.sink.diagnosed('Service', 'shop/bad', []);
    await stage.clock.advance(30_000);
    expect(stage.reports[1]?.diagnostics).toEqual([]);
  });
});
