/** Snapshots of the cluster: how watch events, or the objects of a file, become the next one. */
import { castDraft, type Draft, enableMapSet, produce } from 'immer';
import { type EndpointSlice, type Manifest, namespacedName } from '../model/objects.ts';
import type { Snapshot } from '../model/snapshot.ts';

enableMapSet();

/** An object as it is now, or the key of one that is gone: `namespace/name`, or `name` for Nodes and ServiceCIDRs. */
export type SnapshotEvent =
  | { readonly type: 'set'; readonly manifest: Manifest }
  | { readonly type: 'delete'; readonly kind: Manifest['kind']; readonly key: string };

/** Knows nothing yet. */
export const emptySnapshot: Snapshot = {
  services: new Map(),
  slices: new Map(),
  sliceOwners: new Map(),
  nodes: new Map(),
  serviceCidrs: new Map(),
};

/** The snapshot after these events. What they do not touch is shared with the old one, which stays as it was. */
export function reduce(snapshot: Snapshot, events: readonly SnapshotEvent[]): Snapshot {
  return produce(snapshot, (draft) => {
    for (const event of events) {
      if (event.type === 'set') setObject(draft, event.manifest);
      else deleteObject(draft, event.kind, event.key);
    }
  });
}

function setObject(draft: Draft<Snapshot>, manifest: Manifest): void {
  switch (manifest.kind) {
    case 'Service':
      draft.services.set(namespacedName(manifest.object), castDraft(manifest.object));
      return;
    case 'EndpointSlice':
      setSlice(draft, manifest.object);
      return;
    case 'Node':
      draft.nodes.set(manifest.object.name, castDraft(manifest.object));
      return;
    case 'ServiceCIDR':
      draft.serviceCidrs.set(manifest.object.name, castDraft(manifest.object));
      return;
    default:
      manifest satisfies never;
  }
}

function deleteObject(draft: Draft<Snapshot>, kind: Manifest['kind'], key: string): void {
  switch (kind) {
    case 'Service':
      draft.services.delete(key);
      return;
    case 'EndpointSlice':
      deleteSlice(draft, key);
      return;
    case 'Node':
      draft.nodes.delete(key);
      return;
    case 'ServiceCIDR':
      draft.serviceCidrs.delete(key);
      return;
    default:
      kind satisfies never;
  }
}

function setSlice(draft: Draft<Snapshot>, slice: EndpointSlice): void {
  const key = namespacedName(slice);
  const owner = `${slice.namespace}/${slice.serviceName}`;
  // The label that names the Service can be edited, so the slice may have to leave another one.
  if (draft.sliceOwners.get(key) !== owner) deleteSlice(draft, key);
  const siblings = draft.slices.get(owner);
  if (siblings === undefined) draft.slices.set(owner, new Map([[key, castDraft(slice)]]));
  else siblings.set(key, castDraft(slice));
  draft.sliceOwners.set(key, owner);
}

function deleteSlice(draft: Draft<Snapshot>, key: string): void {
  const owner = draft.sliceOwners.get(key);
  if (owner === undefined) return;
  draft.sliceOwners.delete(key);
  const siblings = draft.slices.get(owner);
  siblings?.delete(key);
  if (siblings?.size === 0) draft.slices.delete(owner);
}
