import { expect, it } from 'vitest';
import type { NftablesOperation } from '../../../../src/core/nftables/diff/operations.ts';
import type { NamedSet, NftablesRuleset } from '../../../../src/core/nftables/ruleset.ts';
import { applyTransaction } from './apply.ts';

const map: NamedSet = {
  name: 'm',
  key: ['port'],
  value: 'verdict',
  groups: [[{ owner: 'web', elements: [{ key: [80], value: { kind: 'goto', chain: 'c' } }] }]],
};

/** A map whose element goes to chain `c`, and a base chain that looks into it. */
const ruleset: NftablesRuleset = {
  family: 'IPv4',
  sets: [map],
  chains: [
    { name: 'c', rules: [] },
    {
      name: 'base',
      hook: { type: 'filter', hook: 'input', priority: 0 },
      rules: [{ matches: [], statements: [{ kind: 'verdictMap', key: ['dport'], map: 'm' }] }],
    },
  ],
};

const goTo = (chain: string) => [{ matches: [], statements: [{ kind: 'goto', chain }] }] as const;

it.each<readonly [string, NftablesOperation]>([
  ['deleteSet m: it is in use', { kind: 'deleteSet', set: map }],
  ['addSet m: it is there already', { kind: 'addSet', set: map }],
  ['addChain c: it is there already', { kind: 'addChain', chain: { name: 'c' } }],
  ['deleteChain c: it is in use', { kind: 'deleteChain', chain: 'c' }],
  ['deleteChain base: it is not empty', { kind: 'deleteChain', chain: 'base' }],
  ['flushChain x: no such chain', { kind: 'flushChain', chain: 'x' }],
  ['addRules c: no set or chain x', { kind: 'addRules', chain: 'c', rules: goTo('x') }],
  ['deleteElements m: no element 81', { kind: 'deleteElements', set: map, elements: [{ key: [81] }] }],
  ['addElements m: element 80 is there', { kind: 'addElements', set: map, elements: [{ key: [80] }] }],
  [
    'addElements m: no chain x',
    { kind: 'addElements', set: map, elements: [{ key: [81], value: { kind: 'goto', chain: 'x' } }] },
  ],
  ['flushSet x: no such set', { kind: 'flushSet', set: { name: 'x', key: ['port'] } }],
])('refuses what the kernel would refuse: %s', (problem, operation) => {
  expect(() => applyTransaction(ruleset, { family: 'IPv4', operations: [operation] })).toThrow(problem);
});

it('has no operation for a table that is not there but to add it', () => {
  const flush: NftablesOperation = { kind: 'flushChain', chain: 'c' };
  expect(() => applyTransaction(undefined, { family: 'IPv4', operations: [flush] })).toThrow('no such table');
  expect(applyTransaction(undefined, { family: 'IPv4', operations: [{ kind: 'addTable' }] })).toEqual({
    family: 'IPv4',
    sets: [],
    chains: [],
  });
});
