import { describe, expect, it } from 'vitest';
import { createReadiness, toleranceMs } from '../../../src/observe/health/readiness.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { familyReport, syncReport } from '../reports.ts';

function readinessForTest() {
  const clock = createVirtualClock();
  const world = { missing: undefined as string | undefined, isHealthy: true };
  const readiness = createReadiness({
    ...{ clock, families: ['IPv4', 'IPv6'] },
    isHealthy: () => world.isHealthy,
    missing: () => world.missing,
  });
  const sync = (...families: Parameters<typeof familyReport>[0][]): void =>
    readiness.observeSync(syncReport({ families: families.map(familyReport) }));
  return { world, sync, pass: clock.pass, reasons: () => readiness.status().reasons };
}

const [v4, v6] = [{ family: 'IPv4' }, { family: 'IPv6' }] as const;

describe('readiness', () => {
  it('waits for all objects, and then for the first sync of every family', () => {
    const { world, sync, reasons } = readinessForTest();
    world.missing = 'the Services';
    expect(reasons()).toEqual(['the Services']);
    world.missing = undefined;
    expect(reasons()).toEqual(['IPv4: the first sync is not done', 'IPv6: the first sync is not done']);
    sync(v4, { ...v6, result: 'failed', problem: 'the xtables lock is held' });
    expect(reasons()).toEqual(['IPv6: the first sync failed: the xtables lock is held']);
    sync(v4, v6);
    expect(reasons()).toEqual([]);
  });

  it('is not lost with the objects, with a Service that is refused, or with a sync that fails for a while', () => {
    const { world, sync, reasons } = readinessForTest();
    sync({ ...v4, quarantined: ['shop/web'] }, v6);
    world.missing = 'the Services';
    expect(reasons()).toEqual([]);
    sync({ ...v4, result: 'failed' }, v6);
    expect(reasons()).toEqual([]);
  });

  it('is lost while changes do not get through', () => {
    const { world, sync, reasons } = readinessForTest();
    sync(v4, v6);
    world.isHealthy = false;
    expect(reasons()).toEqual(['a change has waited for more than twice the sync period']);
  });

  it('is lost when drift is not repaired for 30 s, until it is', () => {
    const { sync, pass, reasons } = readinessForTest();
    sync(v4, v6);
    sync({ ...v4, result: 'failed', problem: 'nft crashed', lost: ['table ip rulewright is gone'] }, v6);
    pass(toleranceMs - 1);
    sync({ ...v4, result: 'failed', problem: 'nft crashed again' }, v6);
    expect(reasons()).toEqual([]);
    pass(1);
    expect(reasons()).toEqual(['IPv4: syncs have failed for 30 s: nft crashed again']);
    sync(v4, v6);
    expect(reasons()).toEqual([]);
  });

  it('is lost when what was repaired is found changed again and again for 30 s', () => {
    const { sync, pass, reasons } = readinessForTest();
    const repaired = { ...v4, result: 'applied', lost: ['table ip rulewright is gone'] } as const;
    sync(v4, v6);
    sync(repaired, v6);
    pass(toleranceMs * 2);
    // Nothing was found since.
    expect(reasons()).toEqual([]);
    sync(v4, v6);
    for (let passedMs = 0; passedMs <= toleranceMs; passedMs += 10_000) {
      expect(reasons()).toEqual([]);
      sync(repaired, v6);
      pass(10_000);
    }
    expect(reasons()).toEqual(['IPv4: another program has changed the rules again and again for 30 s']);
  });
});
