import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillChains } from '../../../../src/core/iptables/diff/layers.ts';
import type { IptablesChain } from '../../../../src/core/iptables/ruleset.ts';

const seed = 20261126;

/** Chains c0, c1, …; each may jump to those with higher numbers. */
function chainsOf(jumps: readonly (readonly number[])[]): readonly IptablesChain[] {
  const nameOf = (number: number) => `c${number}`;
  return jumps.map((callees, number) => ({
    name: nameOf(number),
    rules: callees
      .map((step) => number + 1 + step)
      .filter((callee) => callee < jumps.length)
      .map((callee) => ({ match: {}, target: { kind: 'jump', chain: nameOf(callee) } })),
  }));
}

const few = fc.array(fc.array(fc.nat(5), { maxLength: 4 }), { maxLength: 20 });
const many = fc.array(fc.array(fc.nat(700), { maxLength: 3 }), { minLength: 600, maxLength: 700, size: 'max' });

describe('fillChains', () => {
  it.each([
    ['few', few, 50],
    ['many', many, 20],
  ] as const)('declares %s chains, each before a rule jumps to it, and fills each once', (_, lists, numRuns) => {
    fc.assert(
      fc.property(lists, fc.nat(), (jumps, cut) => {
        const chains = chainsOf(jumps);
        const [added, changed] = [chains.slice(0, cut % 300), chains.slice(cut % 300)];
        const removed: readonly IptablesChain[] = [{ name: 'gone', rules: [] }];
        const declared = new Set<string>();
        const filled: string[] = [];
        for (const operation of fillChains({ added, changed, removed })) {
          if (operation.kind === 'addChain') expect(added.map(({ name }) => name)).toContain(operation.chain);
          if (operation.kind !== 'appendRules') {
            expect(declared.has(operation.chain)).toBe(false);
            declared.add(operation.chain);
            continue;
          }
          expect(declared.has(operation.chain)).toBe(true);
          filled.push(operation.chain);
          for (const { target } of operation.rules) {
            if (target !== undefined && 'chain' in target) expect(declared.has(target.chain)).toBe(true);
          }
        }
        expect([...declared].sort()).toEqual([...chains.map(({ name }) => name), 'gone'].sort());
        expect(filled.sort()).toEqual(
          chains
            .filter(({ rules }) => rules.length > 0)
            .map(({ name }) => name)
            .sort(),
        );
      }),
      { seed, numRuns },
    );
  });
});
