/** /debug/snapshot: what is known of the cluster, as JSON with an object on each line. */
import type { Snapshot } from '../../core/model/snapshot.ts';
import { printable } from '../safe-text.ts';

/** The document, piece by piece: the whole of a big cluster is never made at once. */
export function* formatSnapshot({ services, slices, nodes, serviceCidrs }: Snapshot): Generator<string> {
  yield '{';
  yield* formatMember('services', services);
  yield ',';
  yield* formatMember('endpointSlices', slicesByName(slices));
  yield ',';
  yield* formatMember('nodes', nodes);
  yield ',';
  yield* formatMember('serviceCidrs', serviceCidrs);
  yield '\n}\n';
}

function* slicesByName(slices: Snapshot['slices']): Generator<readonly [string, unknown]> {
  for (const ofService of slices.values()) yield* ofService;
}

function* formatMember(name: string, entries: Iterable<readonly [string, unknown]>): Generator<string> {
  yield `\n${JSON.stringify(name)}: {`;
  let separator = '\n';
  for (const [key, value] of entries) {
    yield separator + printable(`${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    separator = ',\n';
  }
  yield '\n}';
}
