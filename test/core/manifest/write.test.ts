import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readManifest } from '../../../src/core/manifest/manifest.ts';
import { writeManifest } from '../../../src/core/manifest/write.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Manifest } from '../../../src/core/model/objects.ts';
import { arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { apiService, apiSlice } from './laws/arbitrary-api.ts';

/** As JSON, which knows no undefined. */
function rewritten(manifest: Manifest): readonly Manifest[] {
  return readManifest(JSON.parse(JSON.stringify(writeManifest(manifest)))).manifests;
}

it('what was read and is written is read to the same again, whatever the object', () => {
  const json = fc.oneof(
    apiService,
    apiSlice,
    arbitraryObjects.map(([first]) => first && writeManifest(first)),
  );
  fc.assert(
    fc.property(json, (written) => {
      const { manifests } = readManifest(written);
      for (const manifest of manifests) expect(rewritten(manifest)).toEqual([manifest]);
    }),
    { seed: 20261126, numRuns: 500 },
  );
});

it('a Node that leaves, and ServiceCIDRs, are among them', () => {
  const others: readonly Manifest[] = [
    { kind: 'Node', object: { name: 'node-0', addresses: [], podCidrs: [], zone: 'a', isLeaving: true } },
    { kind: 'ServiceCIDR', object: { name: 'kubernetes', cidrs: [constantCidr('10.96.0.0/12')] } },
  ];
  for (const manifest of others) expect(rewritten(manifest)).toEqual([manifest]);
});
