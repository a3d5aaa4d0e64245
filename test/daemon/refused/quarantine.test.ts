import { describe, expect, it } from 'vitest';
import { reduce } from '../../../src/core/snapshot/snapshot.ts';
import { findIn } from '../../../src/core/structures/shards.ts';
import { emptyQuarantine, heldBack, hold, nextRelease, releaseOthers } from '../../../src/daemon/refused/quarantine.ts';
import { endpoint, service, slice, snapshotOf } from '../../support/objects.ts';

const snapshot = snapshotOf({
  services: [service('a'), service('b')],
  slices: [slice('a', [endpoint('10.244.1.1')])],
});
const refused = { wanted: snapshot, problem: 'no' };

describe('the quarantine', () => {
  it('holds a Service back for a minute, and longer each time that the same is refused', () => {
    const quarantine = emptyQuarantine();
    const waits: number[] = [];
    let nowMs = 5000;
    for (let i = 0; i < 8; i += 1) {
      hold(quarantine, { ...refused, key: 'shop/a', nowMs });
      const releaseMs = nextRelease(quarantine) ?? 0;
      waits.push((releaseMs - nowMs) / 60_000);
      expect(heldBack(quarantine, snapshot, releaseMs - 1)).toEqual(['shop/a']);
      expect(heldBack(quarantine, snapshot, releaseMs)).toEqual([]);
      nowMs = releaseMs;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it.each([
    ['the Service', { kind: 'Service', object: service('a', { affinityTimeoutSeconds: 60 }) }],
    ['its endpoints', { kind: 'EndpointSlice', object: slice('a', [endpoint('10.244.1.2')]) }],
  ] as const)('lets it go when %s changes, and then begins anew', (_, manifest) => {
    const quarantine = emptyQuarantine();
    for (const nowMs of [0, 60_000]) hold(quarantine, { ...refused, key: 'shop/a', nowMs });
    const changed = reduce(snapshot, [{ type: 'set', manifest }]);
    expect(heldBack(quarantine, changed, 60_001)).toEqual([]);
    hold(quarantine, { ...refused, wanted: changed, key: 'shop/a', nowMs: 60_002 });
    expect(nextRelease(quarantine)).toBe(120_002);
  });

  it('lets a Service go that does not exist any more', () => {
    const quarantine = emptyQuarantine();
    hold(quarantine, { ...refused, key: 'shop/a', nowMs: 0 });
    expect(heldBack(quarantine, snapshotOf({}), 1)).toEqual([]);
  });

  it('forgets what was accepted', () => {
    const quarantine = emptyQuarantine();
    hold(quarantine, { ...refused, key: 'shop/a', nowMs: 0 });
    hold(quarantine, { ...refused, key: 'shop/b', nowMs: 1000 });
    expect(nextRelease(quarantine)).toBe(60_000);
    releaseOthers(quarantine, ['shop/b']);
    expect(heldBack(quarantine, snapshot, 2000)).toEqual(['shop/b']);
    releaseOthers(quarantine, []);
    expect(nextRelease(quarantine)).toBeUndefined();
  });

  it('keeps of a snapshot no more than the Service that was refused', () => {
    const quarantine = emptyQuarantine();
    hold(quarantine, { ...refused, key: 'shop/a', nowMs: 0 });
    expect(quarantine.held.get('shop/a')?.refused).toEqual({
      service: findIn(snapshot.services, 'shop/a'),
      slices: findIn(snapshot.slices, 'shop/a'),
    });
  });
});
