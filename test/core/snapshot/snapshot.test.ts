import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namespacedName } from '../../../src/core/model/objects.ts';
import { emptySnapshot, reduce, type SnapshotEvent } from '../../../src/core/snapshot/snapshot.ts';
import { findIn, keysIn } from '../../../src/core/structures/shards.ts';
import { arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { endpoint, service, slice, snapshotOf, snapshotOfManifests } from '../../support/objects.ts';

describe('reduce', () => {
  it('returns the very same snapshot when nothing happens', () => {
    const snapshot = snapshotOf({ services: [service('web')] });
    expect(reduce(snapshot, [])).toBe(snapshot);
  });

  it('leaves the old snapshot as it was', () => {
    const before = snapshotOf({ services: [service('web')] });
    reduce(before, [{ type: 'delete', kind: 'Service', key: 'shop/web' }]);
    expect(findIn(before.services, 'shop/web')).toBeDefined();
  });

  it('shares what the events do not touch', () => {
    const before = snapshotOf({
      services: [service('web'), service('api')],
      slices: [slice('web', [endpoint('10.244.1.1')]), slice('api', [endpoint('10.244.1.2')])],
    });
    const changed = slice('api', [endpoint('10.244.1.3')]);
    const after = reduce(before, [{ type: 'set', manifest: { kind: 'EndpointSlice', object: changed } }]);
    expect(after.services).toBe(before.services);
    expect(findIn(after.slices, 'shop/web')).toBe(findIn(before.slices, 'shop/web'));
    expect(findIn(after.slices, 'shop/api')).not.toBe(findIn(before.slices, 'shop/api'));
  });

  it('moves a slice whose label names another Service now', () => {
    const before = snapshotOf({ slices: [slice('web', [endpoint('10.244.1.1')])] });
    const moved = slice('api', [endpoint('10.244.1.1')], { name: 'web-a' });
    const after = reduce(before, [{ type: 'set', manifest: { kind: 'EndpointSlice', object: moved } }]);
    expect(keysIn(after.slices)).toEqual(['shop/api']);
  });

  it('forgets a Service key when its last slice goes', () => {
    const before = snapshotOf({ slices: [slice('web', [endpoint('10.244.1.1')])] });
    const after = reduce(before, [{ type: 'delete', kind: 'EndpointSlice', key: 'shop/web-a' }]);
    expect(after).toEqual(emptySnapshot);
  });

  it('takes no notice when an object that it never knew is deleted', () => {
    const before = snapshotOf({ services: [service('web')] });
    for (const kind of ['Service', 'EndpointSlice', 'Node', 'ServiceCIDR'] as const) {
      expect(reduce(before, [{ type: 'delete', kind, key: 'shop/other' }])).toEqual(before);
    }
  });

  it('holds the same content whatever the order of events for different objects', () => {
    fc.assert(
      fc.property(
        arbitraryObjects.chain((objects) =>
          fc.tuple(fc.constant(objects), fc.shuffledSubarray([...objects], { minLength: objects.length })),
        ),
        ([objects, shuffled]) => {
          expect(snapshotOfManifests(objects)).toEqual(snapshotOfManifests(shuffled));
        },
      ),
    );
  });

  it('is empty again after everything that was set is deleted', () => {
    fc.assert(
      fc.property(arbitraryObjects, (objects) => {
        const deletions = objects.map(({ kind, object }): SnapshotEvent => {
          const key = 'namespace' in object ? namespacedName(object) : object.name;
          return { type: 'delete', kind, key };
        });
        expect(reduce(snapshotOfManifests(objects), deletions)).toEqual(emptySnapshot);
      }),
    );
  });
});
