import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../../src/kubernetes/connection/rate-limit.ts';
import { createHastyClock } from '../harness.ts';

const { signal } = new AbortController();

describe('a rate limit', () => {
  it('saves up a burst while nobody asks, and no more', async () => {
    let nowMs = 0;
    const clock = { ...createHastyClock(), nowMs: () => nowMs };
    const mayGo = createRateLimit(clock, { qps: 10, burst: 2 });
    for (let times = 0; times < 3; times += 1) await mayGo(signal);
    expect(clock.waits).toEqual([100]);
    nowMs = 60_000;
    for (let times = 0; times < 3; times += 1) await mayGo(signal);
    expect(clock.waits).toEqual([100, 100]);
  });

  it.each([0, -1, Number.NaN])('of %d is none', async (qps) => {
    const clock = createHastyClock();
    const mayGo = createRateLimit(clock, { qps, burst: 1 });
    for (let times = 0; times < 100; times += 1) await mayGo(signal);
    expect(clock.waits).toEqual([]);
  });
});
