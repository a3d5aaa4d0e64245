import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { fateOf } from '../../../src/core/prove/subject.ts';
import { arbitraryPacket } from '../../support/arbitrary/packet.ts';
import { packetsOfPlan } from '../../support/arbitrary/packets-of-plan.ts';
import { arbitrarySpoiling, arbitrarySubject, complaints, judge, spoil } from './subjects.ts';

const seed = 20261126;

describe('the prover', () => {
  it('proves the compiled rules of any cluster, in both modes and layouts', () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(arbitrarySubject, (subject) => {
        const verdict = judge(subject);
        expect(complaints(verdict)).toEqual([]);
        expect(verdict.outcome).toBe('proven');
        expect(verdict.classes).toBeGreaterThan(0);
        outcomes.add(subject.rules.mode);
      }),
      { numRuns: 80, seed },
    );
    expect([...outcomes].sort()).toEqual(['iptables', 'nftables']);
  });

  it('never proves rules that treat some packet differently', () => {
    const strays = fc.array(arbitraryPacket('IPv4'), { minLength: 40, maxLength: 80 });
    let [harmful, harmless] = [0, 0];
    fc.assert(
      fc.property(arbitrarySubject, arbitrarySpoiling, strays, (subject, spoiling, packets) => {
        const spoiled = { ...subject, rules: spoil(subject.rules, spoiling) };
        const all = [...packetsOfPlan(subject.plan), ...packets].filter(
          ({ destination }) => destination.includes(':') === (subject.plan.family === 'IPv6'),
        );
        if (all.every((packet) => fateOf(spoiled, packet).kind === 'same')) {
          harmless += 1;
          return;
        }
        harmful += 1;
        expect(judge(spoiled).outcome).not.toBe('proven');
      }),
      { numRuns: 150, seed },
    );
    expect(harmful).toBeGreaterThan(30);
    expect(harmless).toBeGreaterThan(10);
  });

  it('shows a packet with a different outcome for each difference', () => {
    let shown = 0;
    fc.assert(
      fc.property(arbitrarySubject, arbitrarySpoiling, (subject, spoiling) => {
        const spoiled = { ...subject, rules: spoil(subject.rules, spoiling) };
        for (const { packet, expected, found } of judge(spoiled).differences) {
          expect(fateOf(spoiled, packet)).toEqual({ kind: 'different', expected, found });
          shown += 1;
        }
      }),
      { numRuns: 100, seed },
    );
    expect(shown).toBeGreaterThan(30);
  });

  it.each(ipFamilies)('proves for a %s plan without service ports only that packets pass', (family) => {
    fc.assert(
      fc.property(arbitrarySubject, (subject) => {
        fc.pre(subject.plan.family === family);
        const empty = { ...subject, plan: { ...subject.plan, servicePorts: [], healthChecks: [] } };
        const isEmpty = subject.plan.servicePorts.length === 0;
        const hasRules = packetsOfPlan(subject.plan).some((packet) => fateOf(empty, packet).kind !== 'same');
        if (hasRules && !isEmpty) expect(judge(empty).outcome).toBe('different');
      }),
      { numRuns: 30, seed },
    );
  });
});
