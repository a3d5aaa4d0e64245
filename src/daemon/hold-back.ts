/** Snapshots in which some Services are as they were: how one that the kernel refuses is kept from stopping others. */
import type { Snapshot } from '../core/model/snapshot.ts';

/** A Service and its endpoints, as a snapshot has them; either may be missing. */
export interface OneService {
  readonly service: ReturnType<Snapshot['services']['get']>;
  readonly slices: ReturnType<Snapshot['slices']['get']>;
}

/** `key` is `namespace/name`. */
export function oneService({ services, slices }: Snapshot, key: string): OneService {
  return { service: services.get(key), slices: slices.get(key) };
}

/** By identity, as snapshots share what did not change. */
export function sameService(a: OneService, b: OneService): boolean {
  return a.service === b.service && a.slices === b.slices;
}

/** `namespace/name` of the Services that differ, in themselves or in their endpoints; sorted. */
export function changedServices(before: Snapshot, after: Snapshot): readonly string[] {
  const keys = new Set([
    ...before.services.keys(),
    ...after.services.keys(),
    ...before.slices.keys(),
    ...after.slices.keys(),
  ]);
  return [...keys].filter((key) => !sameService(oneService(before, key), oneService(after, key))).sort();
}

/** Whether what is no Service's alone, Nodes and ServiceCIDRs, is the same. */
export function sameSurrounding(a: Snapshot, b: Snapshot): boolean {
  return a.nodes === b.nodes && a.serviceCidrs === b.serviceCidrs;
}

/** `base` with the Nodes and ServiceCIDRs of `other`. */
export function withSurroundingOf(base: Snapshot, { nodes, serviceCidrs }: Snapshot): Snapshot {
  return { ...base, nodes, serviceCidrs };
}

/** `base` with these Services, in themselves and in their endpoints, as they are in `other`. */
export function withServicesOf(base: Snapshot, other: Snapshot, keys: readonly string[]): Snapshot {
  if (keys.length === 0) return base;
  const services = new Map(base.services);
  const slices = new Map(base.slices);
  for (const key of keys) {
    put(services, key, other.services.get(key));
    put(slices, key, other.slices.get(key));
  }
  return { ...base, services, slices };
}

function put<V>(map: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
