import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedChains } from '../../../src/core/iptables/chain-owners.ts';
import { diffRulesets } from '../../../src/core/iptables/diff/diff.ts';
import { lower } from '../../../src/core/iptables/lower/lower.ts';
import type { IptablesRuleset } from '../../../src/core/iptables/ruleset.ts';
import type { Packet } from '../../../src/core/model/packet.ts';
import type { Plan } from '../../../src/core/model/plan.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { traceIptables } from '../../../src/core/trace/iptables/trace.ts';
import { hostOf } from '../../support/arbitrary/packet.ts';
import { packetsOfPlan } from '../../support/arbitrary/packets-of-plan.ts';
import { arbitraryPair } from '../../support/arbitrary/pair.ts';
import { applyCommit, applyTransaction } from '../../support/kernel-model/iptables/apply.ts';

const seed = 20_261_201;

interface Compiled {
  readonly plan: Plan;
  readonly ruleset: IptablesRuleset;
}

const pairs = arbitraryPair((snapshot, config, family, memory): Compiled => {
  const { plan } = planFamily(snapshot, config, family, memory.plan);
  return { plan, ruleset: lower(plan, config.layout, memory.rules.iptables.lower) };
});

/** The chains by table and name, without chains that are empty because the kernel has them anyway. */
function contents(ruleset: IptablesRuleset | undefined): Readonly<Record<string, unknown>> {
  const chains = (ruleset?.tables ?? []).flatMap(({ name: table, chains }) =>
    chains
      .filter(({ name, rules }) => rules.length > 0 || name.startsWith('KUBE-'))
      .map(({ name, rules }) => [`${table} ${name}`, rules] as const),
  );
  return Object.fromEntries(chains);
}

/** What is left of a ruleset when others may still use it. */
function withoutShared(all: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !sharedChains.has(key.split(' ')[1] ?? '')));
}

function copyOf<T>(value: T): T {
  return structuredClone(value);
}

describe('an iptables transaction', () => {
  it('leads from any ruleset to any other', () => {
    fc.assert(
      fc.property(pairs, ([{ ruleset: a }, { ruleset: b }]) => {
        const applied = contents(applyTransaction(a, diffRulesets(a, b)));
        expect(applied).toEqual({ ...applied, ...contents(b) });
        expect(withoutShared(applied)).toEqual(withoutShared(contents(b)));
        expect(diffRulesets(a, copyOf(b))).toEqual(diffRulesets(a, b));
      }),
      { seed, numRuns: 300 },
    );
  });

  it('is empty between equal rulesets', () => {
    fc.assert(
      fc.property(pairs, ([{ ruleset }]) => {
        expect(diffRulesets(ruleset, ruleset).commits).toEqual([]);
        expect(diffRulesets(ruleset, copyOf(ruleset)).commits).toEqual([]);
      }),
      { seed },
    );
  });

  it('leads from nothing to a ruleset and back', () => {
    fc.assert(
      fc.property(pairs, ([{ ruleset }]) => {
        const loaded = applyTransaction(undefined, diffRulesets(undefined, ruleset));
        expect(contents(loaded)).toEqual(contents(ruleset));
        expect(withoutShared(contents(applyTransaction(loaded, diffRulesets(ruleset, undefined))))).toEqual({});
      }),
      { seed },
    );
  });

  it('between its commits, sends no packet to a destination of neither ruleset', () => {
    let stepCount = 0;
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const { commits } = diffRulesets(a.ruleset, b.ruleset);
        if (commits.length < 2) return;
        const host = hostOf(a.plan.family);
        const outcomesIn = (ruleset: IptablesRuleset, packet: Packet) => [
          ...traceIptables(ruleset, packet, host).distribution.keys(),
        ];
        const packets = [...packetsOfPlan(a.plan), ...packetsOfPlan(b.plan)];
        const allowed = packets.map(
          (packet) => new Set([...outcomesIn(a.ruleset, packet), ...outcomesIn(b.ruleset, packet), 'reject', 'drop']),
        );
        let between = a.ruleset;
        for (const commit of commits.slice(0, -1)) {
          between = applyCommit(between, commit);
          stepCount += 1;
          for (const [i, packet] of packets.entries()) {
            const strange = outcomesIn(between, packet).filter((outcome) => allowed[i]?.has(outcome) !== true);
            if (strange.length > 0) expect.fail(`${commit.table}: ${JSON.stringify(packet)} has ${strange}`);
          }
        }
      }),
      { seed, numRuns: 80 },
    );
    expect(stepCount).toBeGreaterThan(50);
  });
});
