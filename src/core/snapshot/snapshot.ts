/** Snapshots of the cluster: how watch events, or the objects of a file, become the next one. */
import { castDraft, type Draft, enableMapSet, produce } from 'immer';
import { type EndpointSlice, type Manifest, namespacedName, type Service } from '../model/objects.ts';
import type { HostFacts, Snapshot } from '../model/snapshot.ts';
import { emptyShards, findIn, shardFor } from '../structures/shards.ts';

enableMapSet();

/** An object as it is now, or the key of one that is gone: `namespace/name`, or `name` for Nodes and ServiceCIDRs. */
export type SnapshotEvent =
  | { readonly type: 'set'; readonly manifest: Manifest }
  | { readonly type: 'delete'; readonly kind: Manifest['kind']; readonly key: string };

/** What the program on the node found out; what it does not name stays as it was. */
export interface HostEvent {
  readonly type: 'host';
  readonly facts: Partial<HostFacts>;
}

/** Knows nothing yet. */
export const emptySnapshot: Snapshot = {
  services: emptyShards(),
  slices: emptyShards(),
  sliceOwners: emptyShards(),
  nodes: new Map(),
  serviceCidrs: new Map(),
};

const noFacts: HostFacts = { addresses: [], apiEndpoints: [] };

/** The snapshot after these events. What they do not touch is shared with the old one, which stays as it was. */
export function reduce(snapshot: Snapshot, events: readonly (SnapshotEvent | HostEvent)[]): Snapshot {
  return produce(snapshot, (draft) => {
    for (const event of events) {
      if (event.type === 'set') setObject(draft, event.manifest);
      else if (event.type === 'delete') deleteObject(draft, event.kind, event.key);
      else draft.host = castDraft({ ...noFacts, ...draft.host, ...event.facts });
    }
  });
}

function setObject(draft: Draft<Snapshot>, manifest: Manifest): void {
  switch (manifest.kind) {
    case 'Service':
      setService(draft, manifest.object);
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
      shardFor(draft.services, key).delete(key);
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

function setService(draft: Draft<Snapshot>, service: Service): void {
  const key = namespacedName(service);
  shardFor(draft.services, key).set(key, castDraft(service));
}

function setSlice(draft: Draft<Snapshot>, slice: EndpointSlice): void {
  const key = namespacedName(slice);
  const owner = namespacedName({ namespace: slice.namespace, name: slice.serviceName });
  // The label that names the Service can be edited, so the slice may have to leave another one.
  if (findIn(draft.sliceOwners, key) !== owner) deleteSlice(draft, key);
  const shard = shardFor(draft.slices, owner);
  const siblings = shard.get(owner);
  if (siblings === undefined) shard.set(owner, new Map([[key, castDraft(slice)]]));
  else siblings.set(key, castDraft(slice));
  shardFor(draft.sliceOwners, key).set(key, owner);
}

function deleteSlice(draft: Draft<Snapshot>, key: string): void {
  const owner = findIn(draft.sliceOwners, key);
  if (owner === undefined) return;
  shardFor(draft.sliceOwners, key).delete(key);
  const shard = shardFor(draft.slices, owner);
  const siblings = shard.get(owner);
  siblings?.delete(key);
  if (siblings?.size === 0) shard.delete(owner);
}

/** `base` with these Services (`namespace/name`), in themselves and in their endpoints, as they are in `other`. */
export function withServicesOf(base: Snapshot, other: Snapshot, keys: readonly string[]): Snapshot {
  return produce(base, (draft) => {
    for (const key of keys) {
      put(shardFor(draft.services, key), key, castDraft(findIn(other.services, key)));
      put(shardFor(draft.slices, key), key, castDraft(findIn(other.slices, key)));
    }
  });
}

function put<V>(map: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
