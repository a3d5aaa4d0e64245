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
    ['goes on with the next rule when there is no element', 83, 'reject'],
  ])('%s', (_, port, wanted) => {
    expect(fate(ruleset, arriving({ port }))).toBe(wanted);
  });
});

describe('chance', () => {
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

  it('takes each slot of a map equally often', () => {
    expect(fate(pick(3, slots('10.1.1.1', '10.1.1.2', '10.1.1.3')))).toBe(
      '10.1.1.1:8080 1/3, 10.1.1.2:8080 1/3, 10.1.1.3:8080 1/3',
    );
  });

  it('adds up slots with one destination', () => {
    expect(fate(pick(3, slots('10.1.1.1', '10.1.1.2', '10.1.1.1')))).toBe('10.1.1.1:8080 2/3, 10.1.1.2:8080 1/3');
  });

  it('goes on with the next rule for slots that are not there', () => {
    expect(fate(pick(4, slots('10.1.1.1', '10.1.1.2', '10.1.1.3')))).toBe(
      '10.1.1.1:8080 1/4, 10.1.1.2:8080 1/4, 10.1.1.3:8080 1/4, drop 1/4',
    );
  });

  it('is certain for a map without any of the slots', () => {
    expect(fate(pick(4, slots()))).toBe('drop');
  });

  it('chooses chains equally often, and comes back from none of them', () => {
    const choose = always({ kind: 'chooseChain', chains: ['a', 'b', 'c'] });
    const chains = [chain('a', always(dnat('10.1.1.1'))), chain('b', always(dnat('10.1.1.2'))), chain('c')];
    expect(fate(rulesetOf([base('nat', 'prerouting', [choose, always(drop)]), ...chains]))).toBe(
      '10.1.1.1:8080 1/3, 10.1.1.2:8080 1/3, pass 1/3',
    );
  });

  it('splits a match', () => {
    const half = setOf('half', ['slot'], { elements: [{ key: [0] }] });
    const isHalf = { kind: 'in', key: [{ random: 2 }], set: 'half' } as const;
    const ruleset = rulesetOf([forward(when([isHalf], drop), when([isHalf], reject))], [half]);
    expect(fate(ruleset)).toBe('drop 1/2, pass 1/4, reject 1/4');
  });

  it('stays quick where one choice follows the other', () => {
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
  ])('tells of %s, and goes on with the next rule', (_, problem, rule) => {
    expect(problemsOf([forward(rule, always(drop))], [setOf('set', ['address'])])).toEqual([problem]);
  });
});
