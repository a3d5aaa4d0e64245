import { beforeAll, describe, expect, it } from 'vitest';
import { parseRuleset } from '../src/core/iptables/parse.ts';
import { printRuleset } from '../src/core/iptables/print.ts';
import { familyOf, ipFamilies } from '../src/core/model/address.ts';
import { compare, rational } from '../src/core/model/rational.ts';
import { distance, formatDistribution } from '../src/core/trace/distribution.ts';
import { traceIptables } from '../src/core/trace/iptables.ts';
import { tracePlan } from '../src/core/trace/plan.ts';
import { acceptGoldenCase, type GoldenCase, goldenCases, layouts, readGoldenCase } from './support/golden-case.ts';

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

  it('says what it is for, and expects something', () => {
    expect(golden.goal.length).toBeGreaterThan(20);
    expect(golden.packets.length).toBeGreaterThan(0);
  });

  it('gives what was accepted', () => {
    expect([...golden.accepted.keys()].sort()).toEqual([...golden.made.keys()].sort());
    for (const [file, text] of golden.made) expect(text, file).toBe(golden.accepted.get(file));
  });

  it('treats each packet as expected, in the plan and in the rules of both layouts', () => {
    for (const { line, packet, verdict } of golden.packets) {
      const family = familyOf(packet.destination);
      for (const layout of layouts) {
        const { plans, rulesets } = golden.compilations[layout];
        const [plan, ruleset] = [plans[family], rulesets[family]];
        if (plan === undefined || ruleset === undefined) throw new Error(`${family} was not compiled`);
        const planned = tracePlan(plan, packet, golden.host);
        expect(formatDistribution(planned), `packets.txt:${line}`).toBe(verdict);
        const { distribution, problems } = traceIptables(ruleset, packet, golden.host);
        expect(problems).toEqual([]);
        const isClose = compare(distance(planned, distribution), rational(BigInt(planned.size), 2n ** 31n)) <= 0;
        expect(isClose ? verdict : formatDistribution(distribution), `packets.txt:${line}, ${layout}`).toBe(verdict);
      }
    }
  });

  it('is read back as it was printed', () => {
    for (const layout of layouts) {
      for (const family of ipFamilies) {
        const ruleset = golden.compilations[layout].rulesets[family];
        if (ruleset === undefined) throw new Error(`${family} was not compiled`);
        const parsed = parseRuleset(family, printRuleset(ruleset));
        expect(parsed.problems).toEqual([]);
        expect(parsed.ruleset).toEqual(ruleset);
      }
    }
  });
});
