import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRulesets } from '../../../src/core/nftables/diff/diff.ts';
import { summarizeTransaction } from '../../../src/core/nftables/diff/operations.ts';
import { emptySettleMemory, settleSlots } from '../../../src/core/nftables/diff/settle.ts';
import { lower } from '../../../src/core/nftables/lower/lower.ts';
import type { Element, NftablesRuleset } from '../../../src/core/nftables/ruleset.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { arbitraryPair } from '../../support/arbitrary/pair.ts';
import { applyTransaction } from '../../support/kernel-model/nftables/apply.ts';

const seed = 20_261_201;

const pairs = arbitraryPair((snapshot, config, family, { plan, rules }) =>
  lower(planFamily(snapshot, { ...config, mode: 'nftables' }, family, plan).plan, rules.nftables.lower),
);

/** What a ruleset says, whatever the order and the owners of its parts. */
function contents(ruleset: NftablesRuleset | undefined): unknown {
  if (ruleset === undefined) return undefined;
  return {
    chains: Object.fromEntries(ruleset.chains.map((chain) => [chain.name, chain])),
    sets: Object.fromEntries(
      ruleset.sets.map(({ groups, ...declaration }) => [
        declaration.name,
        { ...declaration, elements: elementsOf(groups.flat().flatMap(({ elements }) => elements)) },
      ]),
    ),
  };
}

function elementsOf(elements: readonly Element[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(elements.map(({ key, value }) => [key.join(' '), value]));
}

/** The same with the endpoints of each frontend in order: what packets can tell. */
function meaning(ruleset: NftablesRuleset): unknown {
  return contents({
    ...ruleset,
    sets: ruleset.sets.map((set) => {
      const slot = set.key.indexOf('slot');
      if (slot === -1) return set;
      const rank = ({ key, value }: Element) => JSON.stringify([key.toSpliced(slot, 1), value]);
      const elements = set.groups.flat().flatMap((group) => group.elements);
      const bySlot = [...elements].sort((a, b) => Number(a.key[slot]) - Number(b.key[slot]));
      const slots = new Map<string, Element[]>();
      for (const element of bySlot) {
        const frontend = element.key.toSpliced(slot, 1).join(' ');
        slots.set(frontend, [...(slots.get(frontend) ?? []), element]);
      }
      for (const list of slots.values()) expect(list.map(({ key }) => key[slot])).toEqual([...list.keys()]);
      const ranked = [...slots.values()].flatMap((list) =>
        list
          .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
          .map((element, i) => ({ ...element, key: element.key.with(slot, i) })),
      );
      return { ...set, groups: [[{ owner: '', elements: ranked }]] };
    }),
  });
}

function copyOf<T>(value: T): T {
  return structuredClone(value);
}

function elementChanges(last: NftablesRuleset, wanted: NftablesRuleset): number {
  const { added, changed, removed } = summarizeTransaction(diffRulesets(last, wanted)).elements;
  return added + changed + removed;
}

describe('an nftables transaction', () => {
  it('leads from any ruleset to any other', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(contents(applyTransaction(a, diffRulesets(a, b)))).toEqual(contents(b));
        const settled = settleSlots(a, b);
        const applied = applyTransaction(a, diffRulesets(a, settled));
        expect(contents(applied)).toEqual(contents(settled));
        // What was applied, without owners, does as the last ruleset: so does a ruleset that was read back.
        expect(diffRulesets(applied, copyOf(settled)).operations).toEqual([]);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('is empty between equal rulesets', () => {
    fc.assert(
      fc.property(pairs, ([ruleset]) => {
        expect(diffRulesets(ruleset, ruleset).operations).toEqual([]);
        expect(diffRulesets(ruleset, copyOf(ruleset)).operations).toEqual([]);
      }),
      { seed },
    );
  });

  it('leads from an unknown or missing table to a ruleset, and back to none', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const anew = diffRulesets(undefined, b);
        expect(contents(applyTransaction(undefined, anew))).toEqual(contents(b));
        expect(contents(applyTransaction(a, anew))).toEqual(contents(b));
        expect(applyTransaction(b, diffRulesets(b, undefined))).toBeUndefined();
      }),
      { seed },
    );
  });
});

describe('slots', () => {
  it('are settled without changing the outcome of any packet', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(meaning(settleSlots(a, b))).toEqual(meaning(b));
      }),
      { seed, numRuns: 200 },
    );
  });

  it('are settled the same way, with or without memory', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const memory = emptySettleMemory();
        const settled = settleSlots(a, b, memory);
        expect(diffRulesets(settled, settleSlots(settled, b, memory)).operations).toEqual([]);
        expect(contents(settleSlots(settled, copyOf(b), memory))).toEqual(contents(settled));
        expect(contents(settleSlots(copyOf(a), copyOf(b), memory))).toEqual(contents(settled));
      }),
      { seed, numRuns: 200 },
    );
  });

  it('change fewer elements than the compiler’s own, or as many', () => {
    let saved = 0;
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const [plain, settled] = [elementChanges(a, b), elementChanges(a, settleSlots(a, b))];
        expect(settled).toBeLessThanOrEqual(plain);
        saved += plain - settled;
      }),
      { seed, numRuns: 200 },
    );
    expect(saved).toBeGreaterThan(0);
  });
});
