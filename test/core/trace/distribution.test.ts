import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/core/model/packet.ts';
import { one, rational, zero } from '../../../src/core/structures/rational.ts';
import {
  certain,
  distance,
  formatDistribution,
  mix,
  outcomeKey,
  sumOfProbabilities,
} from '../../../src/core/trace/distribution.ts';

const web: Outcome = { kind: 'dnat', endpoint: '10.0.0.1:80', masquerade: false };
const masqueraded: Outcome = { ...web, masquerade: true };
const half = rational(1n, 2n);

describe('outcomeKey', () => {
  it('describes the outcome in words', () => {
    const outcomes: readonly Outcome[] = [web, masqueraded, ...kinds.map((kind) => ({ kind }))];
    expect(outcomes.map(outcomeKey)).toEqual(['10.0.0.1:80', '10.0.0.1:80 masquerade', ...kinds]);
  });

  const kinds = ['reject', 'drop', 'accept', 'pass'] as const;
});

describe('mix', () => {
  it('adds up parts with the same outcome', () => {
    const inner = mix([
      { probability: half, outcome: web },
      { probability: half, outcome: { kind: 'drop' } },
    ]);
    const outer = mix([
      { probability: rational(1n, 3n), outcome: web },
      { probability: rational(2n, 3n), distribution: inner },
    ]);
    expect(formatDistribution(outer)).toBe('10.0.0.1:80 2/3, drop 1/3');
    expect(sumOfProbabilities(outer)).toEqual(one);
  });

  it('drops outcomes of probability zero', () => {
    const mixed = mix([
      { probability: one, outcome: web },
      { probability: zero, outcome: { kind: 'drop' } },
    ]);
    expect(mixed).toEqual(certain(web));
  });

  it('of no parts is empty', () => {
    expect(sumOfProbabilities(mix([]))).toEqual(zero);
  });
});

describe('distance', () => {
  it('is zero from a distribution to itself', () => {
    expect(distance(certain(web), certain(web))).toEqual(zero);
  });

  it('is one between different certain outcomes, even if only masquerading differs', () => {
    expect(distance(certain(web), certain(masqueraded))).toEqual(one);
  });

  it('is the largest difference of one outcome, in both directions', () => {
    const fair = mix([
      { probability: half, outcome: web },
      { probability: half, outcome: { kind: 'drop' } },
    ]);
    const unfair = mix([
      { probability: rational(1n, 4n), outcome: web },
      { probability: half, outcome: { kind: 'drop' } },
      { probability: rational(1n, 4n), outcome: { kind: 'pass' } },
    ]);
    expect(distance(fair, unfair)).toEqual(rational(1n, 4n));
    expect(distance(unfair, fair)).toEqual(rational(1n, 4n));
  });
});

describe('formatDistribution', () => {
  it('prints a certain outcome without a number', () => {
    expect(formatDistribution(certain({ kind: 'reject' }))).toBe('reject');
  });

  it('sorts by outcome', () => {
    const parts = [{ kind: 'pass' }, masqueraded, web] as const;
    const mixed = mix(parts.map((outcome) => ({ probability: rational(1n, 3n), outcome })));
    expect(formatDistribution(mixed)).toBe('10.0.0.1:80 1/3, 10.0.0.1:80 masquerade 1/3, pass 1/3');
  });

  it('rounds fractions that are too long to read', () => {
    const tiny = rational(1n, 2n ** 62n);
    const third = rational(715_827_883n, 2n ** 31n);
    const rest = rational(2n ** 62n - 1n - 715_827_883n * 2n ** 31n, 2n ** 62n);
    const mixed = mix([
      { probability: tiny, outcome: { kind: 'pass' } },
      { probability: third, outcome: web },
      { probability: rest, outcome: { kind: 'drop' } },
    ]);
    expect(formatDistribution(mixed)).toBe('10.0.0.1:80 ~0.333333, drop ~0.666667, pass ~0.000000');
  });

  it('rounds up to one and no further', () => {
    const mixed = mix([
      { probability: rational(1n, 2n ** 31n), outcome: { kind: 'pass' } },
      { probability: rational(2n ** 31n - 1n, 2n ** 31n), outcome: { kind: 'drop' } },
    ]);
    expect(formatDistribution(mixed)).toBe('drop ~1.000000, pass ~0.000000');
  });
});
