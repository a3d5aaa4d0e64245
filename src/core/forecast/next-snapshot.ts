/** Makes the snapshot after a change from the one before, so that unchanged objects keep their identity. */
import { keyOfManifest, type Manifest } from '../model/objects.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { reduce, type SnapshotEvent } from '../snapshot/snapshot.ts';
import { findIn, keysIn } from '../structures/shards.ts';

/**
 * The snapshot of these objects, made from another one. Equal objects keep their identity, so that planning costs only
 * the difference. `overlay`: objects that are missing from the list stay, as with `kubectl apply`; otherwise they go.
 */
export function nextSnapshot(before: Snapshot, manifests: readonly Manifest[], overlay = false): Snapshot {
  const kept = new Set<string>();
  const events: SnapshotEvent[] = [];
  for (const manifest of manifests) {
    const key = keyOfManifest(manifest);
    kept.add(`${manifest.kind} ${key}`);
    if (!isSameObject(objectIn(before, manifest.kind, key), manifest.object)) events.push({ type: 'set', manifest });
  }
  if (!overlay) {
    for (const [kind, keys] of keysOf(before)) {
      for (const key of keys) if (!kept.has(`${kind} ${key}`)) events.push({ type: 'delete', kind, key });
    }
  }
  return reduce(before, events);
}

function objectIn(snapshot: Snapshot, kind: Manifest['kind'], key: string): Manifest['object'] | undefined {
  switch (kind) {
    case 'Service':
      return findIn(snapshot.services, key);
    case 'EndpointSlice':
      return findIn(snapshot.slices, findIn(snapshot.sliceOwners, key) ?? '')?.get(key);
    case 'Node':
      return snapshot.nodes.get(key);
    case 'ServiceCIDR':
      return snapshot.serviceCidrs.get(key);
    default:
      return kind satisfies never;
  }
}

function keysOf(snapshot: Snapshot): readonly (readonly [Manifest['kind'], Iterable<string>])[] {
  return [
    ['Service', keysIn(snapshot.services)],
    ['EndpointSlice', keysIn(snapshot.sliceOwners)],
    ['Node', snapshot.nodes.keys()],
    ['ServiceCIDR', snapshot.serviceCidrs.keys()],
  ];
}

/** Objects are plain values that one reader makes: the same values give the same text. */
function isSameObject(known: unknown, object: unknown): boolean {
  return known === object || (known !== undefined && JSON.stringify(known) === JSON.stringify(object));
}
