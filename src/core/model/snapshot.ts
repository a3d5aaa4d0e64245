import type { Shards } from '../structures/shards.ts';
import type { IpAddress } from './address.ts';
import type { EndpointSlice, Node, Service, ServiceCidr } from './objects.ts';

/** The slices of one Service by `namespace/name` of the slice. */
export type SlicesOfService = ReadonlyMap<string, EndpointSlice>;

/** What only a program on the node can know. */
export interface HostFacts {
  /** The addresses that the kernel has, of both families. */
  readonly addresses: readonly IpAddress[];
  /** Where this program reaches the API server: `10.0.0.1:6443`. */
  readonly apiEndpoints: readonly string[];
}

/**
 * All that is known of the cluster, immutable. Successive snapshots share everything that did not change, so identity
 * tells equality: that is what keeps the cost of a compile proportional to the change.
 */
export interface Snapshot {
  /** By `namespace/name`. */
  readonly services: Shards<Service>;
  /** By `namespace/name` of the Service they belong to, whether or not that Service exists. */
  readonly slices: Shards<SlicesOfService>;
  /** The Service (`namespace/name`) that each slice (`namespace/name`) was last seen to belong to. */
  readonly sliceOwners: Shards<string>;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly serviceCidrs: ReadonlyMap<string, ServiceCidr>;
  /** Absent where no daemon runs on the node. */
  readonly host?: HostFacts;
}
