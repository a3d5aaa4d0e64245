/**
 * /debug/snapshot: what is known of the cluster, as a List of objects that `rulewright compile -f -` reads to the same
 * snapshot. An object on each line.
 */
import { writeManifest } from '../../core/manifest/write.ts';
import type { Manifest } from '../../core/model/objects.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import { printable } from '../../core/structures/safe-text.ts';
import { valuesIn } from '../../core/structures/shards.ts';

/** The document, piece by piece: the whole of a big cluster is never made at once. */
export function* formatSnapshot(snapshot: Snapshot): Generator<string> {
  yield '{"apiVersion": "v1", "kind": "List", "items": [';
  let separator = '\n';
  for (const manifest of manifestsOf(snapshot)) {
    yield separator + printable(JSON.stringify(writeManifest(manifest)));
    separator = ',\n';
  }
  yield '\n]}\n';
}

function* manifestsOf({ services, slices, nodes, serviceCidrs }: Snapshot): Generator<Manifest> {
  for (const object of nodes.values()) yield { kind: 'Node', object };
  for (const object of serviceCidrs.values()) yield { kind: 'ServiceCIDR', object };
  for (const object of valuesIn(services)) yield { kind: 'Service', object };
  for (const ofService of valuesIn(slices)) {
    for (const object of ofService.values()) yield { kind: 'EndpointSlice', object };
  }
}
