import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOffMs, type LastTurn, type LoopState, nextDue, nextLookMs } from '../../src/daemon/due.ts';

const pace = { syncPeriodMs: 30_000, minSyncPeriodMs: 0 };
const quiet: LoopState = {
  isSynced: true,
  last: { startedAtMs: 1000, endedAtMs: 1050, applyMs: 40, lookMs: 0 },
  changedAtMs: undefined,
  suspectedAtMs: undefined,
  retryAtMs: undefined,
};

describe('the next turn', () => {
  it('is never due before all objects are known', () => {
    expect(nextDue({ ...quiet, isSynced: false, changedAtMs: 5, last: undefined }, pace)).toBeUndefined();
  });

  it('is due at once when all are known for the first time', () => {
    expect(nextDue({ ...quiet, last: undefined }, pace)).toEqual({ atMs: 0, cause: 'start' });
  });

  it.each<[string, Partial<LoopState>, Partial<typeof pace>, ReturnType<typeof nextDue>]>([
    ['after the period when nothing happens', {}, {}, { atMs: 31_000, cause: 'period' }],
    ['at once for a change after quiet', { changedAtMs: 9000 }, {}, { atMs: 1090, cause: 'change' }],
    ['after as long a rest as applying took', { changedAtMs: 1051 }, {}, { atMs: 1090, cause: 'change' }],
    ['no sooner than asked', { changedAtMs: 1051 }, { minSyncPeriodMs: 5000 }, { atMs: 6000, cause: 'change' }],
    [
      'soon when something may be lost',
      { suspectedAtMs: 1051 },
      { minSyncPeriodMs: 9000 },
      { atMs: 1100, cause: 'repair' },
    ],
    ['when it is time to try again', { retryAtMs: 1500 }, {}, { atMs: 1500, cause: 'retry' }],
    ['for what comes first', { retryAtMs: 1500, changedAtMs: 1051 }, {}, { atMs: 1090, cause: 'change' }],
  ])('is due %s', (_, state, paceOver, due) => {
    expect(nextDue({ ...quiet, ...state }, { ...pace, ...paceOver })).toEqual(due);
  });

  it('leaves the kernel alone for half of the time, however many changes come and whatever they cost', () => {
    const costs = fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(costs, (applyTimes) => {
        let last: LastTurn | undefined;
        let nowMs = 0;
        let busyMs = 0;
        for (const applyMs of applyTimes) {
          const due = nextDue({ ...quiet, last, changedAtMs: nowMs }, pace);
          const startedAtMs = Math.max(nowMs, due?.atMs ?? Number.NaN);
          last = { startedAtMs, endedAtMs: startedAtMs + applyMs, applyMs, lookMs: 0 };
          nowMs = last.endedAtMs;
          busyMs += applyMs;
        }
        // The rest after the last one is still to come.
        expect(busyMs / (nowMs + (last?.applyMs ?? 0))).toBeLessThanOrEqual(0.5);
      }),
      { seed: 20261126 },
    );
  });
});

describe('a look at what stands', () => {
  const nextAfter = (applyMs: number, lookMs: number): number =>
    nextLookMs({ startedAtMs: 1000, endedAtMs: 10_000, applyMs, lookMs });

  it('comes a little later than the one before, and leaves as much time as looking or applying took', () => {
    expect([nextAfter(0, 2), nextAfter(0, 7000), nextAfter(400, 2)]).toEqual([10_050, 17_000, 10_400]);
  });

  it('that is not due yet does not hold a change up', () => {
    const last = { startedAtMs: 1000, endedAtMs: 10_000, applyMs: 0, lookMs: 7000 };
    const state = { ...quiet, last, suspectedAtMs: 9000, changedAtMs: 11_000 };
    expect(nextDue(state, pace)).toEqual({ atMs: 10_000, cause: 'change' });
  });
});

describe('the time before another try', () => {
  it('doubles, and ends at half a minute', () => {
    expect([1, 2, 3, 9, 10, 1000].map(backOffMs)).toEqual([100, 200, 400, 25_600, 30_000, 30_000]);
  });
});
