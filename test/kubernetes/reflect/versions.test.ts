import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOlder } from '../../../src/kubernetes/reflect/versions.ts';

describe('resource versions', () => {
  it('compare as numbers, however long', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 80n }), fc.bigInt({ min: 1n, max: 2n ** 80n }), (one, other) => {
        expect(isOlder(String(one), String(other))).toBe(one < other);
      }),
      { seed: 20_261_126 },
    );
  });

  it.each(['', '0', '007', 'abc', '1.5', '-3'])('that are none (%s) are never older nor newer', (version) => {
    expect(isOlder(version, '100')).toBe(false);
    expect(isOlder('100', version)).toBe(false);
  });
});
