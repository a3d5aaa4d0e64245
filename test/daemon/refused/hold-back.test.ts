import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { reduce, withServicesOf } from '../../../src/core/snapshot/snapshot.ts';
import { keysIn } from '../../../src/core/structures/shards.ts';
import { changedServices, sameSurrounding, withSurroundingOf } from '../../../src/daemon/refused/hold-back.ts';
import { arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { endpoint, service, slice, snapshotOf, snapshotOfManifests } from '../../support/objects.ts';

/** A snapshot and what became of it: parts are shared, as in the daemon. */
const twoSnapshots = fc.tuple(arbitraryObjects, arbitraryObjects, fc.nat(3)).map(([first, second, gone]) => {
  const before = snapshotOfManifests(first);
  const deleted = keysIn(before.services).slice(0, gone);
  const after = reduce(before, [
    ...second.map((manifest) => ({ type: 'set', manifest }) as const),
    ...deleted.map((key) => ({ type: 'delete', kind: 'Service', key }) as const),
  ]);
  return { before, after };
});

const parameters = { seed: 20261126, numRuns: 200 };
/** All that rules are made of. */
const contents = ({ services, slices, nodes, serviceCidrs }: Snapshot) => ({ services, slices, nodes, serviceCidrs });

describe('Services that differ', () => {
  it('are those that have changed, in themselves or in their endpoints, and no others', () => {
    const before = snapshotOf({
      services: [service('a'), service('b'), service('c')],
      slices: [slice('a', [endpoint('10.244.1.1')])],
    });
    const after = reduce(before, [
      { type: 'set', manifest: { kind: 'EndpointSlice', object: slice('a', [endpoint('10.244.1.2')]) } },
      { type: 'delete', kind: 'Service', key: 'shop/c' },
      { type: 'set', manifest: { kind: 'Service', object: service('d') } },
    ]);
    expect(changedServices(before, after)).toEqual(['shop/a', 'shop/c', 'shop/d']);
    expect(changedServices(after, after)).toEqual([]);
  });

  it('and what is around them make one snapshot out of the other', () => {
    fc.assert(
      fc.property(twoSnapshots, ({ before, after }) => {
        const keys = changedServices(before, after);
        expect(contents(withSurroundingOf(withServicesOf(before, after, keys), after))).toEqual(contents(after));
        expect(contents(withServicesOf(withSurroundingOf(after, before), before, keys))).toEqual(contents(before));
      }),
      parameters,
    );
  });
});

describe('a snapshot with some Services of another', () => {
  it('differs from each in just those that are of the other', () => {
    fc.assert(
      fc.property(twoSnapshots, fc.array(fc.nat(20)), ({ before, after }, picks) => {
        const changed = changedServices(before, after);
        const some = changed.filter((_, i) => picks.includes(i));
        const mixed = withServicesOf(after, before, some);
        expect(changedServices(after, mixed)).toEqual(some);
        expect(changedServices(before, mixed)).toEqual(changed.filter((key) => !some.includes(key)));
        expect(sameSurrounding(mixed, after)).toBe(true);
        expect(withServicesOf(mixed, after, some)).toEqual(after);
      }),
      parameters,
    );
  });

  it('is the same object when there are none', () => {
    const snapshot = snapshotOf({ services: [service('a')] });
    expect(withServicesOf(snapshot, snapshotOf({}), [])).toBe(snapshot);
  });
});
