import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/core/explain/explain.ts';
import type { Explanation, OutcomeShare } from '../../../src/core/explain/explanation.ts';
import { reportExplanation } from '../../../src/core/explain/report/report.ts';
import { plainText } from '../../../src/core/explain/report/tree.ts';
import { outcomeShares } from '../../../src/core/explain/shares.ts';
import { formatHostPort, type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import type { Packet } from '../../../src/core/model/packet.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { lowerPlan, printRules } from '../../../src/core/rules.ts';
import { add, one, type Rational, zero } from '../../../src/core/structures/rational.ts';
import { tracePlan } from '../../../src/core/trace/plan/trace.ts';
import { arbitraryPacket, hostOf } from '../../support/arbitrary/packet.ts';
import { packetsOfPlan } from '../../support/arbitrary/packets-of-plan.ts';
import { arbitraryConfig, arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { snapshotOfManifests } from '../../support/objects.ts';
import { traceRules } from '../../support/trace/rules.ts';
import { probabilityOf } from './probability.ts';

const seed = 20_261_126;

/** Questions about a node that sends from a foreign address make no sense. */
function isAskable({ source, inputInterface }: Packet, family: IpFamily): boolean {
  const isOwn = hostOf(family).addresses.includes(source) || source === '127.0.0.1' || source === '::1';
  return inputInterface !== undefined || isOwn;
}

function sumOf(shares: readonly Pick<OutcomeShare, 'share'>[]): Rational {
  return shares.reduce((sum, { share }) => add(sum, probabilityOf(share)), zero);
}

/** Asks about every packet of small random worlds in one mode. */
function forEachExplanation(
  family: IpFamily,
  mode: 'iptables' | 'nftables',
  check: (
    explanation: Explanation,
    truth: { readonly plan: readonly OutcomeShare[]; readonly rules: readonly OutcomeShare[] },
  ) => void,
): void {
  const host = hostOf(family);
  const strays = fc.array(arbitraryPacket(family).map(opening), { minLength: 10, maxLength: 20 });
  fc.assert(
    fc.property(arbitraryObjects, arbitraryConfig, strays, (objects, settings, some) => {
      const config = { ...settings, mode };
      const snapshot = snapshotOfManifests(objects);
      const { plan } = planFamily(snapshot, config, family);
      const rules = lowerPlan(plan, config);
      const packets = [...packetsOfPlan(plan).filter((_, i) => i % 11 === 0), ...some];
      for (const packet of packets.filter((each) => isAskable(each, family))) {
        const { source, destination, port, protocol, inputInterface, remembered } = packet;
        const answer = explain(
          { snapshot, config, host, rules: { [family]: rules } },
          {
            source,
            destination: formatHostPort(destination, port),
            protocol,
            ...(inputInterface === undefined ? {} : { inputInterface }),
            ...(remembered === undefined ? {} : { remembered }),
          },
        );
        if (answer.kind === 'unclear') return expect.fail(JSON.stringify(answer));
        check(answer.explanation, {
          plan: outcomeShares(tracePlan(plan, packet, host)),
          rules: outcomeShares(traceRules(rules, packet, host).distribution),
        });
      }
    }),
    { numRuns: 32, seed },
  );
}

function sorted(outcomes: readonly OutcomeShare[]): readonly string[] {
  return outcomes.map((outcome) => JSON.stringify(outcome)).toSorted();
}

describe.each(['iptables', 'nftables'] as const)('explanations in %s mode', (mode) => {
  it.each(ipFamilies)('match the plan for %s packets, and their shares add up', (family) => {
    const seen = new Set<string>();
    forEachExplanation(family, mode, (explanation, { plan, rules }) => {
      const { outcomes, walk, endpoints, reasons, verdict } = explanation;
      seen.add(verdict);
      expect(sorted(outcomes)).toEqual(sorted(plan));
      expect(sumOf(outcomes)).toEqual(one);
      expect(sorted(walk?.outcomes ?? [])).toEqual(sorted(rules));
      expect(sumOf(walk?.outcomes ?? [])).toEqual(one);
      const delivered = outcomes.flatMap(({ endpoint }) => endpoint ?? []);
      const takingPart = endpoints.filter(({ takesPart }) => takesPart).map(({ endpoint }) => endpoint);
      expect(takingPart.toSorted()).toEqual([...new Set(delivered)].toSorted());
      expect(reasons.length > 0).toBe(outcomes.some((outcome) => outcome.verdict !== 'delivered'));
    });
    expect([...seen]).toEqual(expect.arrayContaining(['delivered', 'dropped', 'refused', 'untouched']));
  });
});

it('the shares of all branches add up at each rule', () => {
  forEachExplanation('IPv4', 'iptables', ({ walk }) => {
    const steps = [...(walk?.steps ?? [])];
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      expect(sumOf([...step.next, ...(step.outcomes ?? [])])).toEqual(probabilityOf(step.share));
      steps.push(...step.next);
    }
  });
});

it.each(['iptables', 'nftables'] as const)('a dump of the rules in %s mode matches the Services', (mode) => {
  const host = hostOf('IPv4');
  fc.assert(
    fc.property(arbitraryObjects, arbitraryConfig, (objects, settings) => {
      const config = { ...settings, mode };
      const snapshot = snapshotOfManifests(objects);
      const { plan } = planFamily(snapshot, config, 'IPv4');
      const dump = printRules(lowerPlan(plan, config));
      for (const { source, destination, port, protocol } of packetsOfPlan(plan).filter((_, i) => i % 31 === 0)) {
        const question = { source, destination: formatHostPort(destination, port), protocol };
        const answer = explain({ snapshot, config, host, dump }, question);
        expect(answer).toMatchObject({ explanation: { walk: { origin: 'dump', agreement: 'same', problems: [] } } });
      }
    }),
    { numRuns: 12, seed },
  );
});

it('reports are printable, and fit the width unless a word is longer', () => {
  forEachExplanation('IPv6', 'nftables', (explanation) => {
    const text = plainText(reportExplanation(explanation, 100));
    expect(text).toMatch(/^[ -~\n├└│─]*$/);
    const long = text.split('\n').filter((line) => line.length > 100);
    expect(long.filter((line) => line.trim().split(' ').length > 6)).toEqual([]);
  });
});

/** Questions are about packets that open a connection. */
function opening({ ctState: _, ...packet }: Packet): Packet {
  return packet;
}
