/** Snapshots in which some Services are as they were: how one that the kernel refuses is kept from stopping others. */
import type { Snapshot } from '../core/model/snapshot.ts';

/** `namespace/name` of the Services that differ, in themselves or in their endpoints; sorted. */
export function changedServices(before: Snapshot, after: Snapshot): readonly string[] {
  const keys = new Set([...before.services.keys(), ...after.services.keys()]);
  return [...keys].filter((key) => !isSameService(key, before, after)).sort();
}

/** By identity, as snapshots share what did not change. */
export function isSameService(key: string, before: Snapshot, after: Snapshot): boolean {
  return before.services.get(key) === after.services.get(key) && before.slices.get(key) === after.slices.get(key);
}

/** Whether something that is no Service's alone differs: Nodes or ServiceCIDRs. */
export function isSameSurrounding(before: Snapshot, after: Snapshot): boolean {
  return before.nodes === after.nodes && before.serviceCidrs === after.serviceCidrs;
}

/** `base` with these Services, in themselves and in their endpoints, and everything around them from `other`. */
export function withServicesOf(base: Snapshot, other: Snapshot, keys: readonly string[]): Snapshot {
  return replaceServices({ ...base, nodes: other.nodes, serviceCidrs: other.serviceCidrs }, other, keys);
}

/** `wanted` with these Services as they are in `applied`. */
export function holdBack(wanted: Snapshot, applied: Snapshot, keys: readonly string[]): Snapshot {
  return keys.length === 0 ? wanted : replaceServices(wanted, applied, keys);
}

function replaceServices(base: Snapshot, from: Snapshot, keys: readonly string[]): Snapshot {
  const services = new Map(base.services);
  const slices = new Map(base.slices);
  for (const key of keys) {
    put(services, key, from.services.get(key));
    put(slices, key, from.slices.get(key));
  }
  return { ...base, services, slices };
}

function put<V>(map: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
