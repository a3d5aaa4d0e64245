/** Which Services have to be planned anew: those whose frontends or endpoints are not the same values as last time. */

import type { SlicesOfService } from '../model/snapshot.ts';
import {
  type Chunked,
  type ChunkMemory,
  cutIntoChunks,
  emptyChunkMemory,
  mapRemembered,
} from '../structures/chunked.ts';
import { compareText } from '../structures/compare-text.ts';
import { changedKeys, emptyShards, findIn, type Shards } from '../structures/shards.ts';
import { firstNotBefore } from '../structures/sorted-list.ts';
import type { ResolvedService } from './claimants.ts';

/** The plan of each Service, for one context. */
export interface ServicesMemory<P> extends ChunkMemory<ResolvedService, P> {
  services: readonly ResolvedService[];
  slices: Shards<SlicesOfService>;
}

export function emptyServicesMemory<P>(): ServicesMemory<P> {
  return { ...emptyChunkMemory(), services: [], slices: emptyShards() };
}

/** `services` are sorted by key. `planService` is asked about no Service twice as long as nothing of it changes. */
export function planServices<P extends { readonly slices: SlicesOfService }>(
  memory: ServicesMemory<P>,
  services: readonly ResolvedService[],
  slices: Shards<SlicesOfService>,
  planService: (service: ResolvedService, slices: SlicesOfService) => P,
): Chunked<P> {
  const inputs = services === memory.services ? memory.inputs : cutIntoChunks(services, keyOf, memory.inputs);
  const stale = chunksWith(inputs, changedKeys(memory.slices, slices));
  const make = (service: ResolvedService, known: P | undefined): P => {
    const found = findIn(slices, service.key) ?? noSlices;
    return known?.slices === found ? known : planService(service, found);
  };
  const planned = mapRemembered(memory, inputs, make, stale);
  memory.services = services;
  memory.slices = slices;
  return planned;
}

const noSlices: SlicesOfService = new Map();

function keyOf({ key }: ResolvedService): string {
  return key;
}

/** The chunks that Services of these keys are in, if there are such. */
function chunksWith(
  chunks: Chunked<ResolvedService>,
  keys: readonly string[],
): ReadonlySet<readonly ResolvedService[]> {
  const found = new Set<readonly ResolvedService[]>();
  for (const key of keys) {
    const chunk = chunkOf(chunks, key);
    if (chunk !== undefined) found.add(chunk);
  }
  return found;
}

/** The last chunk that begins with this key or one before it. */
function chunkOf(chunks: Chunked<ResolvedService>, key: string): readonly ResolvedService[] | undefined {
  return chunks[firstNotBefore(chunks, ([first]) => compareText(first?.key ?? '', key) <= 0) - 1];
}
