import { describe, expect, it } from 'vitest';
import { parseTimestamp } from '../../../src/core/manifest/timestamp.ts';

describe('parseTimestamp', () => {
  it.each([
    '2026-11-23T04:56:37Z',
    '1970-01-01T00:00:00Z',
    '2024-02-29T23:59:59Z',
    '2026-11-23T04:56:37.123456789Z',
    '2026-11-23T04:56:37+02:00',
    '2026-11-23T04:56:37-11:30',
    '0100-01-01T00:00:00Z',
  ])('%s', (text) => {
    const expected = new Date(text.replace(/(\.\d{3})\d+/, '$1')).getTime();
    expect(parseTimestamp(text)).toBe(expected);
  });

  it.each([
    '',
    '2026-11-23',
    '2026-11-23 04:56:37Z',
    '2026-11-23T04:56:37',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-11-00T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T04:60:00Z',
    '2026-11-23T04:56:60Z',
    '2026-11-23T04:56:37+24:00',
    '0001-01-01T00:00:00Z',
    '2026-11-23T04:56:37Z\n',
    `2026-11-23T04:56:37.${'1'.repeat(100)}Z`,
  ])('%j is none', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});
