import fc from 'fast-check';
import { expect, it } from 'vitest';
import { constantCidr } from '../../../../src/core/model/cidr.ts';
import type { ElementGroup, NamedSet } from '../../../../src/core/nftables/ruleset.ts';
import { inheritTrees, treeOf } from '../../../../src/core/trace/nftables/tree.ts';
import { ip } from '../../../support/objects.ts';

const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map(ip);
const blocks = ['10.1.0.0/16', '10.2.0.0/24'].map(constantCidr);
const group: fc.Arbitrary<ElementGroup> = fc.record({
  owner: fc.constantFrom('a', 'b'),
  elements: fc.array(
    fc.record({ key: fc.tuple(fc.constantFrom(...addresses), fc.nat(2), fc.constantFrom(...addresses, ...blocks)) }),
    { maxLength: 3 },
  ),
});

function setOf(groups: readonly ElementGroup[]): NamedSet {
  return { name: 'x', key: ['address', 'port', 'address'], isInterval: true, groups: groups.map((each) => [each]) };
}

it('a tree that was handed over equals a new tree', () => {
  const groups = fc.array(group, { maxLength: 5 });
  fc.assert(
    fc.property(groups, groups, groups, fc.constantFrom([0, 1, 2], [2, 0, 1]), (gone, kept, come, order) => {
      // No two groups have an element with the same key, as in every set that loads.
      const keys = new Set<string>();
      const distinct = (list: readonly ElementGroup[]): readonly ElementGroup[] =>
        list.map(({ owner, elements }) => {
          const fresh = elements.filter(({ key }) => !keys.has(key.join()) && keys.add(key.join()));
          return { owner, elements: fresh };
        });
      const [a, b, c] = [distinct(gone), distinct(kept), distinct(come)];
      const [before, after] = [setOf([...a, ...b]), setOf([...b, ...c])];
      treeOf(before, order);
      inheritTrees(before, after);
      expect(treeOf(after, order)).toEqual(treeOf(setOf([...b, ...c]), order));
    }),
    { numRuns: 300, seed: 20261126 },
  );
});
