import { expect, it } from 'vitest';
import { nearestName } from '../../../src/core/structures/nearest.ts';

const names = ['loadBalancerSourceRanges', 'loadBalancerClass', 'sessionAffinity', 'ports', 'type', 'ip'];

it.each<[string, string | undefined]>([
  ['loadBalancerSourceRange', 'loadBalancerSourceRanges'],
  ['LoadbalancerSourceRanges', 'loadBalancerSourceRanges'],
  ['sessionAfinity', 'sessionAffinity'],
  ['sessoinAffinity', 'sessionAffinity'],
  ['port', 'ports'],
  ['prots', 'ports'],
  ['typ', 'type'],
  ['ix', undefined],
  ['nonsense', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
])('%.30s means %s', (word, meant) => {
  expect(nearestName(word, names)).toBe(meant);
});
