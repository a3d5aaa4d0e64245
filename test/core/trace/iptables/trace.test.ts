import { describe, expect, it } from 'vitest';
import { one } from '../../../../src/core/structures/rational.ts';
import { formatDistribution, sumOfProbabilities } from '../../../../src/core/trace/distribution.ts';
import { traceIptables } from '../../../../src/core/trace/iptables/trace.ts';
import { probeHosts } from '../../../support/trace/kernel/probe.ts';
import { facts } from '../facts/index.ts';

// That these are facts is shown by test/kernel/iptables/trace.test.ts.
describe('traceIptables', () => {
  for (const { name, family, ruleset, lines } of facts) {
    it(`models: ${name}`, () => {
      for (const {
        packet,
        verdict: { iptables: verdict },
      } of lines) {
        const { distribution, problems } = traceIptables(ruleset, packet, probeHosts[family]);
        expect({ packet, verdict: formatDistribution(distribution) }).toEqual({ packet, verdict });
        expect(sumOfProbabilities(distribution)).toEqual(one);
        expect(problems).toEqual([]);
      }
    });
  }
});
