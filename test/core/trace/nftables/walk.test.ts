import { describe, expect, it } from 'vitest';
import type { NamedSet, NftablesChain, NftablesRule } from '../../../../src/core/nftables/ruleset.ts';
import { traceNftables } from '../../../../src/core/trace/nftables/trace.ts';
import { probeHosts } from '../../../support/trace/kernel/probe.ts';
import {
  accept,
  always,
  arriving,
  base,
  chain,
  destination,
  dnat,
  drop,
  fate,
  goTo,
  jump,
  masquerade,
  reject,
  rulesetOf,
  setOf,
  when,
} from '../../../support/trace/nftables.ts';

const leave: NftablesRule = always({ kind: 'return' });
const forward = (...rules: NftablesRule[]) => base('filter', 'forward', rules);

describe('jump, goto and return', () => {
  it.each<[string, string, NftablesChain[]]>([
    ['a jump comes back', 'drop', [forward(always(jump('a')), always(drop)), chain('a')]],
    [
      'a jump comes back on return',
      'drop',
      [forward(always(jump('a')), always(drop)), chain('a', leave, always(reject))],
    ],
    ['a goto does not come back', 'pass', [forward(always(goTo('a')), always(drop)), chain('a')]],
    [
      'a goto goes back to the last jump',
      'drop',
      [forward(always(jump('a')), always(drop)), chain('a', always(goTo('b')), always(reject)), chain('b')],
    ],
    [
      'a return after goto goes back to the last jump too',
      'drop',
      [forward(always(jump('a')), always(drop)), chain('a', always(goTo('b')), always(reject)), chain('b', leave)],
    ],
    ['a return ends a base chain', 'pass', [forward(leave, always(drop))]],
    [
      'accept ends all chains of the hook',
      'pass',
      [forward(always(jump('a')), always(drop)), chain('a', always(accept))],
    ],
  ])('%s', (_, wanted, chains) => {
    expect(fate(rulesetOf(chains))).toBe(wanted);
  });
});

describe('verdict maps', () => {
  const verdicts = setOf('verdicts', ['port'], {
    value: 'verdict',
    elements: [
      { key: [80], value: { kind: 'goto', chain: 'a' } },
      { key: [81], value: { kind: 'jump', chain: 'a' } },
      { key: [82], value: { kind: 'drop' } },
    ],
  });
  const look = always({ kind: 'verdictMap', key: ['dport'], map: 'verdicts' });
  const ruleset = rulesetOf([forward(look, always(reject)), chain('a')], [verdicts]);

  it.each([
    ['goes to a chain', 80, 'pass'],
    ['jumps to a chain', 81, 'reject'],
    ['drops', 82, 'drop'],
    ['continues with the next rule without an element', 83, 'reject'],
  ])('%s', (_, port, wanted) => {
    expect(fate(ruleset, arriving({ port }))).toBe(wanted);
  });
});

describe('random choices', () => {
  const slots = (...addresses: string[]) =>
    setOf('endpoints', ['port', 'slot'], {
      value: 'destination',
      protocol: 'TCP',
      elements: addresses.map((address, slot) => ({ key: [80, slot], value: destination(address) })),
    });
  const pick = (random: number, map: NamedSet) =>
    rulesetOf(
      [
        base('nat', 'prerouting', [
          always({ kind: 'dnatMap', key: ['dport', { random }], map: 'endpoints' }, reject),
          always(drop),
        ]),
      ],
      [map],
    );

  it('take each slot of a map equally often', () => {
    expect(fate(pick(3, slots('10.1.1.1', '10.1.1.2', '10.1.1.3')))).toBe(
      '10.1.1.1:8080 1/3, 10.1.1.2:8080 1/3, 10.1.1.3:8080 1/3',
    );
  });

  it('add up slots with the same destination', () => {
    expect(fate(pick(3, slots('10.1.1.1', '10.1.1.2', '10.1.1.1')))).toBe('10.1.1.1:8080 2/3, 10.1.1.2:8080 1/3');
  });

  it('continues with the next rule for missing slots', () => {
    expect(fate(pick(4, slots('10.1.1.1', '10.1.1.2', '10.1.1.3')))).toBe(
      '10.1.1.1:8080 1/4, 10.1.1.2:8080 1/4, 10.1.1.3:8080 1/4, drop 1/4',
    );
  });

  it('are certain for a map without any of the slots', () => {
    expect(fate(pick(4, slots()))).toBe('drop');
  });

  it('choose chains equally often, and never return from them', () => {
    const choose = always({ kind: 'chooseChain', chains: ['a', 'b', 'c'] });
    const chains = [chain('a', always(dnat('10.1.1.1'))), chain('b', always(dnat('10.1.1.2'))), chain('c')];
    expect(fate(rulesetOf([base('nat', 'prerouting', [choose, always(drop)]), ...chains]))).toBe(
      '10.1.1.1:8080 1/3, 10.1.1.2:8080 1/3, pass 1/3',
    );
  });

  it('split a match', () => {
    const half = setOf('half', ['slot'], { elements: [{ key: [0] }] });
    const isHalf = { kind: 'in', key: [{ random: 2 }], set: 'half' } as const;
    const ruleset = rulesetOf([forward(when([isHalf], drop), when([isHalf], reject))], [half]);
    expect(fate(ruleset)).toBe('drop 1/2, pass 1/4, reject 1/4');
  });

  it('stay fast in sequence', () => {
    const choose = always({ kind: 'chooseChain', chains: ['a', 'b'] });
    const chains = [chain('a'), chain('b'), chain('both', choose)];
    const rules = Array.from({ length: 64 }, () => always(jump('both')));
    expect(fate(rulesetOf([forward(...rules, always(drop)), ...chains]))).toBe('drop');
  });
});

describe('problems', () => {
  const problemsOf = (chains: readonly NftablesChain[], sets: readonly NamedSet[] = []) => {
    const { problems, distribution } = traceNftables(rulesetOf(chains, sets), arriving(), probeHosts.IPv4);
    expect([...distribution.keys()]).toEqual(['drop']);
    return problems.map(({ kind, chain: name, rule, detail }) => `${kind} ${name} ${rule} ${detail}`);
  };

  it.each<[string, string, NftablesRule]>([
    ['a chain', 'missing filter-forward 0 nowhere', always(jump('nowhere'))],
    ['a set', 'missing filter-forward 0 nothing', when([{ kind: 'in', key: ['daddr'], set: 'nothing' }], accept)],
    ['a map', 'missing filter-forward 0 nothing', always({ kind: 'verdictMap', key: ['daddr'], map: 'nothing' })],
    ['a map of this kind', 'missing filter-forward 0 set', always({ kind: 'verdictMap', key: ['daddr'], map: 'set' })],
    ['a set to remember in', 'missing filter-forward 0 nothing', always({ kind: 'remember', set: 'nothing' }, accept)],
    ['a loop', 'loop filter-forward 0 filter-forward', always(goTo('filter-forward'))],
    ['dnat in a filter chain', 'misplaced filter-forward 0 dnat', always(dnat('10.1.1.1'))],
    ['masquerade in a filter chain', 'misplaced filter-forward 0 masquerade', always(masquerade)],
  ])('report %s, and the walk continues with the next rule', (_, problem, rule) => {
    expect(problemsOf([forward(rule, always(drop))], [setOf('set', ['address'])])).toEqual([problem]);
  });
});
