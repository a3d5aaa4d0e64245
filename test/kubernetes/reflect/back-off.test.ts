import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createBackOff } from '../../../src/kubernetes/reflect/back-off.ts';

const backOff = (random: number) => createBackOff({ ...systemClock, random: () => random }, 500, 30_000);
const waits = (random: number, count: number) => {
  const { nextMs } = backOff(random);
  return Array.from({ length: count }, () => nextMs());
};

describe('a back-off', () => {
  it('doubles up to the longest wait, between half and all of it', () => {
    expect(waits(0, 8)).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(waits(1, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('never waits less than it was asked to, and at most about two minutes', () => {
    const { nextMs } = backOff(0);
    expect(nextMs(7000)).toBe(7000);
    expect(nextMs(86_400_000)).toBe(120_000);
  });

  it('starts again when it went well', () => {
    const { nextMs, reset, failures } = backOff(0);
    nextMs();
    nextMs();
    expect(failures()).toBe(2);
    reset();
    expect(failures()).toBe(0);
    expect(nextMs()).toBe(250);
  });
});
