import { describe, expect, it } from 'vitest';
import { named, results, type Stage, set, startStage, synced } from './support/stage.ts';

describe('the loop', () => {
  it('programs nothing before every kind is known', async () => {
    const stage = startStage();
    stage.inbox.sink.changed(set(...named('web', '10.96.0.1', '10.244.1.1')));
    stage.inbox.sink.synced('Service');
    await stage.clock.advance(100_000);
    expect(stage.kernel.applied).toEqual([]);
    expect(stage.loop.behindSinceMs()).toBe(1000);
    stage.inbox.sink.synced('EndpointSlice');
    await stage.clock.advance(100);
    expect(stage.kernel.applied).toHaveLength(1);
    expect(stage.loop.behindSinceMs()).toBeUndefined();
  });

  it('sends the first change after quiet at once, and what comes meanwhile together', async () => {
    const stage = startStage();
    await synced(stage);
    const changedAtMs = stage.clock.nowMs();
    for (let i = 0; i < 30; i += 1) {
      stage.inbox.sink.changed(set(...named('web', '10.96.0.1', '10.244.1.1', `10.244.2.${i}`)));
      await stage.clock.advance(1);
    }
    await stage.clock.advance(1000);
    const [, first, ...others] = stage.kernel.applied;
    expect(first?.startedAtMs).toBe(changedAtMs);
    expect(others).toHaveLength(1);
    expect(stage.reports.map(({ changes }) => changes.slices)).toEqual([1, 1, 29]);
  });

  it('lets no change wait for as long as the first load took', async () => {
    const stage = startStage();
    stage.kernel.applyMs = 5000;
    await synced(stage);
    await stage.clock.advance(5000);
    stage.kernel.applyMs = 15;
    const changedAtMs = stage.clock.nowMs();
    stage.inbox.sink.changed(set(...named('web', '10.96.0.1', '10.244.1.1')));
    await stage.clock.advance(100);
    expect(stage.kernel.applied[1]?.startedAtMs).toBe(changedAtMs);
  });

  it('adopts what stands and sends only what differs', async () => {
    const first = startStage();
    await synced(first);
    first.loop.stop();
    await first.running;
    const second = startStage();
    second.kernel.content = first.kernel.content;
    second.inbox.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await synced(second);
    expect(second.kernel.applied).toHaveLength(1);
    expect(second.kernel.applied[0]?.text).toContain('10.96.0.2');
    expect(second.kernel.applied[0]?.text).not.toContain('10.96.0.1 ');
  });

  it('tries what failed again, from the same base, until it succeeds', async () => {
    const stage = startStage();
    await synced(stage);
    for (const waitMs of [10, 10, 10]) stage.kernel.faults.push({ kind: 'lock', waitMs });
    stage.inbox.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await stage.clock.advance(150);
    expect(stage.loop.behindSinceMs()).toBe(2000);
    await stage.clock.advance(10_000);
    expect(results(stage)).toEqual(['start applied', 'change failed', 'retry failed', 'retry failed', 'retry applied']);
    expect(stage.reports[1]?.families[0]?.problem).toBe('the lock is held');
    expect(new Set(stage.kernel.applied.slice(1).map(({ text }) => text)).size).toBe(1);
    expect(stage.loop.behindSinceMs()).toBeUndefined();
  });

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
    stage.inbox.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await stage.clock.advance(10);
    stage.inbox.sink.changed(set(...named('db', '10.96.0.3', '10.244.1.8')));
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
    stage.inbox.sink.diagnosed('Service', 'shop/bad', [bad]);
    await synced(stage);
    expect(stage.reports[0]?.diagnostics).toEqual([bad]);
    stage.inbox.sink.diagnosed('Service', 'shop/bad', []);
    await stage.clock.advance(30_000);
    expect(stage.reports[1]?.diagnostics).toEqual([]);
  });

  it('says that it is behind while a transaction is under way', async () => {
    const stage = startStage();
    await synced(stage);
    stage.kernel.applyMs = 500;
    stage.inbox.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await stage.clock.advance(100);
    expect(stage.inbox.waiting()).toEqual({ sinceMs: undefined, services: 0, slices: 0 });
    expect(stage.loop.behindSinceMs()).toBe(2000);
    await stage.clock.advance(500);
    expect(stage.loop.behindSinceMs()).toBeUndefined();
  });

  it('begins nothing when it is stopped while it looks', async () => {
    const stage = startStage();
    await synced(stage);
    stage.kernel.lookMs = 3000;
    stage.kernel.tamper(() => undefined);
    await stage.clock.advance(1000);
    stage.loop.stop();
    await stage.clock.advance(5000);
    await stage.running;
    expect(stage.kernel.looks).toHaveLength(1);
    expect(stage.kernel.applied).toHaveLength(1);
  });

  it('tells of what one family got before it was stopped', async () => {
    const stage = startStage({ families: ['IPv4', 'IPv6'] });
    await synced(stage);
    stage.kernel.applyMs = 500;
    stage.inbox.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await stage.clock.advance(10);
    stage.loop.stop();
    await stage.clock.advance(1000);
    await stage.running;
    expect(stage.reports.at(-1)?.families.map(({ family, result }) => `${family} ${result}`)).toEqual(['IPv4 applied']);
  });

  it('goes on when whoever is told of a turn throws, and says so', async () => {
    const stage = startStage({
      onTurn: () => {
        throw new Error('no space left');
      },
    });
    await synced(stage);
    stage.inbox.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await stage.clock.advance(100);
    expect(stage.kernel.applied).toHaveLength(2);
    expect(stage.progress.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'error: a bug of rulewright, after sync 1: no space left',
      'error: a bug of rulewright, after sync 2: no space left',
    ]);
  });
});

describe('suspicions', () => {
  const suspectFor = async (stage: Stage, ms: number): Promise<void> => {
    for (let passedMs = 0; passedMs < ms; passedMs += 10) {
      stage.kernel.suspect();
      await stage.clock.advance(10);
    }
  };

  it('that never end take at most half of the time, and keep no change waiting', async () => {
    const stage = startStage();
    await synced(stage);
    stage.kernel.lookMs = 2000;
    await suspectFor(stage, 2500);
    const changedAtMs = stage.clock.nowMs();
    stage.inbox.sink.changed(set(...named('api', '10.96.0.2', '10.244.1.7')));
    await suspectFor(stage, 10_000);
    expect(stage.kernel.applied.at(-1)?.startedAtMs).toBe(changedAtMs);
    expect(stage.kernel.looks.length).toBeGreaterThanOrEqual(3);
    expect(stage.kernel.looks.length).toBeLessThanOrEqual(4);
  });

  it('are looked into as far as the kernel finds necessary; all is looked into once an hour', async () => {
    const stage = startStage();
    await synced(stage);
    await suspectFor(stage, 1000);
    expect(stage.kernel.looks).not.toContain(true);
    // Nobody tells of this.
    const { content } = stage.kernel;
    if (content?.mode !== 'nftables') throw new Error('nftables mode was asked for');
    const sets = content.ruleset.sets.map((each) => ({ ...each, groups: [] }));
    stage.kernel.content = { ...content, ruleset: { ...content.ruleset, sets } };
    await stage.clock.advance(3_700_000);
    expect(stage.kernel.looks.filter((thorough) => thorough)).toHaveLength(1);
    expect(stage.kernel.content).toEqual(content);
    expect(results(stage).filter((result) => result.endsWith('applied'))).toEqual(['start applied', 'period applied']);
  });

  it.each([
    ['cannot be looked at', { isBlind: true }, 'unchanged', []],
    [
      'can neither be looked at nor read',
      { isBlind: true, isUnreadable: true },
      'applied',
      ['the rules in the kernel could not be read, so all of them were replaced: cannot be read'],
    ],
  ])('say what became of rules that %s', async (_, faults, result, lost) => {
    const stage = startStage();
    await synced(stage);
    Object.assign(stage.kernel, faults);
    stage.kernel.suspect();
    await stage.clock.advance(100);
    expect(stage.reports.at(-1)?.families[0]).toMatchObject({ result, lost });
  });

  it('end in a failure in iptables mode, where what cannot be read is not replaced', async () => {
    const stage = startStage({ mode: 'iptables' });
    await synced(stage);
    Object.assign(stage.kernel, { isBlind: true, isUnreadable: true });
    stage.kernel.suspect();
    await stage.clock.advance(50);
    expect(stage.reports.at(-1)?.families[0]?.problem).toBe('cannot be read');
    await stage.clock.advance(200);
    expect(results(stage)).toEqual(['start applied', 'repair failed', 'retry unchanged']);
  });
});
