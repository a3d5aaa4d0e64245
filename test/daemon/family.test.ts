import { describe, expect, it } from 'vitest';
import { named, results, set, startStage, synced } from './support/stage.ts';

describe('families', () => {
  const changeAt = (triggeredAtMs: number, address: string) =>
    set(...named('web', '10.96.0.1', address)).map((change) => ({ ...change, triggeredAtMs }));

  it('fail independently: the one that works gets each change, and says once when it was triggered', async () => {
    const stage = startStage({ families: ['IPv4', 'IPv6'] });
    await synced(stage);
    const [ipv4, ipv6] = stage.kernels;
    if (ipv6 === undefined) throw new Error('two families were asked for');
    ipv6.isBroken = true;
    ipv6.content = undefined;
    ipv6.suspect();
    await stage.clock.advance(1000);
    stage.inbox.sink.changed(changeAt(1, '10.244.1.3').slice(1));
    await stage.clock.advance(1000);
    stage.inbox.sink.changed(changeAt(2, '10.244.1.4').slice(1));
    await stage.clock.advance(1000);
    expect(ipv4?.applied.at(-1)?.text).toContain('10.244.1.4');
    const triggers = (family: string) =>
      stage.reports
        .flatMap(({ families }) => families)
        .flatMap((each) => (each.family === family ? each.triggeredAtMs : []));
    expect([triggers('IPv4'), triggers('IPv6')]).toEqual([[1, 2], []]);
    expect(stage.loop.behindSinceMs()).toBeGreaterThan(1000);
    ipv6.isBroken = false;
    await stage.clock.advance(30_000);
    expect([triggers('IPv4'), triggers('IPv6')]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(stage.loop.behindSinceMs()).toBeUndefined();
  });

  it('are tried again soon after a wait for the lock: waiting is no work to rest from', async () => {
    const stage = startStage({ mode: 'iptables' });
    await synced(stage);
    stage.kernel.faults.push({ kind: 'lock', waitMs: 5000 });
    stage.inbox.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await stage.clock.advance(5200);
    expect(results(stage)).toEqual(['start applied', 'change failed', 'retry applied']);
  });
});
