import { beforeAll, describe, expect, it } from 'vitest';
import {
  acceptGoldenCase,
  type GoldenCase,
  goldenCases,
  readGoldenCase,
  variants,
} from '../scripts/lab/golden/case.ts';
import { parseRuleset as parseIptables } from '../src/core/iptables/listing/parse.ts';
import { familyOf, ipFamilies } from '../src/core/model/address.ts';
import { parseRuleset as parseNftables } from '../src/core/nftables/listing/narrow.ts';
import { printRules } from '../src/core/rules.ts';
import { compare, rational } from '../src/core/structures/rational.ts';
import { distance, formatDistribution } from '../src/core/trace/distribution.ts';
import { tracePlan } from '../src/core/trace/plan/trace.ts';
import { sameRuleset } from './support/kernel-model/nftables/same.ts';
import { traceRules } from './support/trace/rules.ts';

const isAccepting = process.env['ACCEPT'] !== undefined;

describe.each(goldenCases())('golden/%s', (name) => {
  let golden: GoldenCase;
  beforeAll(async () => {
    golden = await readGoldenCase(name);
    if (isAccepting) {
      acceptGoldenCase(golden);
      golden = await readGoldenCase(name);
    }
  });

  it('states its goal, and expects something', () => {
    expect(golden.goal.length).toBeGreaterThan(20);
    expect(golden.packets.length).toBeGreaterThan(0);
  });

  it('gives the accepted outputs', () => {
    expect([...golden.accepted.keys()].sort()).toEqual([...golden.made.keys()].sort());
    for (const [file, text] of golden.made) expect(text, file).toBe(golden.accepted.get(file));
  });

  it('treats each packet as expected, in the plan and in the rules of every variant', () => {
    for (const { line, packet, verdict } of golden.packets) {
      const family = familyOf(packet.destination);
      for (const { name: variant, mode } of variants) {
        const { plans, rules } = golden.compilations[variant];
        const [plan, ofFamily] = [plans[family], rules[family]];
        if (plan === undefined || ofFamily === undefined) throw new Error(`${family} was not compiled`);
        const planned = tracePlan(plan, packet, golden.host);
        expect(formatDistribution(planned), `packets.txt:${line}, ${variant} plan`).toBe(verdict[mode]);
        const { distribution, problems } = traceRules(ofFamily, packet, golden.host);
        expect(problems).toEqual([]);
        const isClose = compare(distance(planned, distribution), rational(BigInt(planned.size), 2n ** 31n)) <= 0;
        const seen = isClose ? verdict[mode] : formatDistribution(distribution);
        expect(seen, `packets.txt:${line}, ${variant}`).toBe(verdict[mode]);
      }
    }
  });

  it('is read back unchanged', () => {
    for (const { name: variant } of variants) {
      for (const family of ipFamilies) {
        const rules = golden.compilations[variant].rules[family];
        if (rules === undefined) throw new Error(`${family} was not compiled`);
        if (rules.mode === 'iptables') {
          const { ruleset, problems } = parseIptables(family, printRules(rules));
          expect({ ruleset, problems }).toEqual({ ruleset: rules.ruleset, problems: [] });
        } else {
          const { ruleset, problems } = parseNftables(family, printRules(rules));
          expect(problems).toEqual([]);
          expect(sameRuleset(ruleset, rules.ruleset)).toBe(true);
        }
      }
    }
  });
});
