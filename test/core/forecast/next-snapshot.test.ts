import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSnapshot } from '../../../src/core/forecast/next-snapshot.ts';
import { emptySnapshot } from '../../../src/core/snapshot/snapshot.ts';
import { findIn, keysIn } from '../../../src/core/structures/shards.ts';
import { arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { endpoint, ip, service, slice, snapshotOf, snapshotOfManifests } from '../../support/objects.ts';

describe('nextSnapshot', () => {
  it('is the snapshot of the new objects', () => {
    fc.assert(
      fc.property(arbitraryObjects, arbitraryObjects, (before, after) => {
        expect(nextSnapshot(snapshotOfManifests(before), after)).toEqual(snapshotOfManifests(after));
        expect(nextSnapshot(emptySnapshot, after)).toEqual(snapshotOfManifests(after));
      }),
      { seed: 20_261_128 },
    );
  });

  it('is the very same where all objects are the same by value', () => {
    fc.assert(
      fc.property(arbitraryObjects, (objects) => {
        const before = snapshotOfManifests(objects);
        expect(nextSnapshot(before, structuredClone(objects))).toBe(before);
      }),
      { seed: 20_261_129 },
    );
  });

  it('keeps the objects that are not mentioned only as an overlay', () => {
    const before = snapshotOf({
      services: [service('web'), service('api')],
      slices: [slice('web', [endpoint('10.0.0.1')])],
    });
    const moved = { kind: 'Service', object: service('web', { clusterIps: { IPv4: ip('10.96.0.9') } }) } as const;
    const overlaid = nextSnapshot(before, [moved], true);
    expect(keysIn(overlaid.services)).toEqual(['shop/api', 'shop/web']);
    expect(findIn(overlaid.services, 'shop/web')).toEqual(moved.object);
    expect(overlaid.slices).toBe(before.slices);
    const replaced = nextSnapshot(before, [moved]);
    expect([keysIn(replaced.services), keysIn(replaced.slices).length]).toEqual([['shop/web'], 0]);
  });
});
