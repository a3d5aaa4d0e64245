import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import { createHealth } from '../../../src/observe/health/health.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { familyReport, syncReport } from '../reports.ts';

const syncPeriodMs = 30_000;

function healthAt(startMs = 1000) {
  const clock = createVirtualClock(startMs);
  return { health: createHealth({ clock, syncPeriodMs }), pass: clock.pass, jump: clock.jumpWall };
}

describe('health', () => {
  it('is good at the start, with a node that takes no traffic until its Node is known', () => {
    expect(healthAt().health.status()).toEqual({ healthy: true, nodeEligible: false, families: new Map() });
  });

  it('turns bad when a change has waited for twice the sync period, and good again with the next sync', () => {
    const { health, pass } = healthAt();
    health.queued('IPv4');
    pass(59_999);
    expect(health.status().healthy).toBe(true);
    pass(1);
    expect(health.status()).toMatchObject({
      healthy: false,
      families: new Map([['IPv4', { healthy: false, lastUpdatedAtMs: undefined }]]),
    });
    health.synced('IPv4');
    expect(health.status()).toMatchObject({
      healthy: true,
      families: new Map([['IPv4', { healthy: true, lastUpdatedAtMs: 61_000 }]]),
    });
  });

  it('does not care for jumps of the clock on the wall', () => {
    const { health, pass, jump } = healthAt();
    health.queued('IPv4');
    jump(1e9);
    expect(health.status().healthy).toBe(true);
    jump(-2e9);
    pass(60_000);
    expect(health.status().healthy).toBe(false);
  });

  it('takes a family that failed for one that still has something to do', () => {
    const { health, pass } = healthAt();
    const failed = syncReport({ families: [familyReport(), familyReport({ family: 'IPv6', result: 'failed' })] });
    health.observeSync(failed);
    pass(30_000);
    health.observeSync(failed);
    pass(30_000);
    expect(health.status()).toMatchObject({
      healthy: false,
      families: new Map([
        ['IPv4', { healthy: true, lastUpdatedAtMs: 31_000 }],
        ['IPv6', { healthy: false, lastUpdatedAtMs: undefined }],
      ]),
    });
  });

  it('tells what it was told of the node', () => {
    const { health } = healthAt();
    health.setNodeEligible(false);
    expect(health.status()).toMatchObject({ healthy: true, nodeEligible: false });
    health.setNodeEligible(true);
    expect(health.status().nodeEligible).toBe(true);
  });

  it('is bad exactly while the oldest change of some family has waited for twice the sync period', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('queued', 'synced'), family: fc.constantFrom<IpFamily>(...ipFamilies) }),
      fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(1, 29_999, 30_000, 59_999, 60_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { health, pass } = healthAt();
        const waitedMs = new Map<IpFamily, number>();
        for (const next of steps) {
          if ('ms' in next) {
            pass(next.ms);
            for (const [family, ms] of waitedMs) waitedMs.set(family, ms + next.ms);
          } else if (next.kind === 'queued') {
            health.queued(next.family);
            if (!waitedMs.has(next.family)) waitedMs.set(next.family, 0);
          } else {
            health.synced(next.family);
            waitedMs.delete(next.family);
          }
          expect(health.status().healthy).toBe([...waitedMs.values()].every((ms) => ms < 2 * syncPeriodMs));
        }
      }),
      { seed: 20_261_126, numRuns: 300 },
    );
  });
});
