/** Snapshots in which some Services are as they were: how one that the kernel refuses is kept from stopping others. */
import type { Service } from '../../core/model/objects.ts';
import type { SlicesOfService, Snapshot } from '../../core/model/snapshot.ts';
import { changedKeys, findIn } from '../../core/structures/shards.ts';

/** A Service and its endpoints, as a snapshot has them; either may be missing. */
export interface OneService {
  readonly service: Service | undefined;
  readonly slices: SlicesOfService | undefined;
}

/** `key` is `namespace/name`. */
export function oneService({ services, slices }: Snapshot, key: string): OneService {
  return { service: findIn(services, key), slices: findIn(slices, key) };
}

/** By identity, as snapshots share what did not change. */
export function sameService(a: OneService, b: OneService): boolean {
  return a.service === b.service && a.slices === b.slices;
}

/** `namespace/name` of the Services that differ, in themselves or in their endpoints; sorted. */
export function changedServices(before: Snapshot, after: Snapshot): readonly string[] {
  const keys = new Set([...changedKeys(before.services, after.services), ...changedKeys(before.slices, after.slices)]);
  return [...keys].sort();
}

/** Whether Nodes and ServiceCIDRs, which all Services share, are the same. */
export function sameSurrounding(a: Snapshot, b: Snapshot): boolean {
  return a.nodes === b.nodes && a.serviceCidrs === b.serviceCidrs;
}

/** `base` with the Nodes and ServiceCIDRs of `other`. */
export function withSurroundingOf(base: Snapshot, { nodes, serviceCidrs }: Snapshot): Snapshot {
  return { ...base, nodes, serviceCidrs };
}
