import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/configuration/duration.ts';

describe('durations', () => {
  it.each<[string, number]>([
    ['0', 0],
    ['0s', 0],
    ['-0s', 0],
    ['30s', 30_000],
    ['+30s', 30_000],
    ['1h2m', 3_720_000],
    ['2h22m0s', 8_520_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['1.1s', 1100],
    ['250ms', 250],
    ['7us', 0.007],
    ['7µs', 0.007],
    ['3ns', 0.000003],
    ['-1m', -60_000],
    ['1m1m', 120_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', 's', '1 s', '1s ', '1d', '1e3s', '.s', '--1s', '1h-2m', '300000000000h', `${'1h'.repeat(99)}`])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it.each<[number, string]>([
    [0, '0s'],
    [250, '250ms'],
    [0.25, '250µs'],
    [0.000007, '7ns'],
    [1500, '1.5s'],
    [60_000, '1m0s'],
    [900_000, '15m0s'],
    [86_400_000, '24h0m0s'],
    [3_723_004, '1h2m3.004s'],
    [-1000, '-1s'],
  ])('%d ms is written %s, as Go does', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('law: what is written is read back to the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 42 }), fc.constantFrom(1, 1000, 1e6), (amount, divisor) => {
        const ms = divisor === 1 ? amount : (amount % 2 ** 33) / divisor;
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
      { seed: 4 },
    );
  });
});
