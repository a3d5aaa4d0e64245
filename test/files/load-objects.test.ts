import { expect, it } from 'vitest';
import { positionAt } from '../../src/documents/source.ts';
import { loadObjects } from '../../src/files/load-objects.ts';

it('reads more documents than a function can have arguments', async () => {
  const count = 140_000;
  const { documents } = await loadObjects([{ name: 'all.yaml', index: 0, text: '---\n1\n'.repeat(count) }]);
  expect(documents).toHaveLength(count);
}, 30_000);

it('names the place of an object that is repeated, and of the first one', async () => {
  const node = (name: string) => `  - apiVersion: v1\n    kind: Node\n    metadata: { name: ${name} }\n`;
  const text = `apiVersion: v1\nkind: List\nitems:\n${node('a')}${node('b')}${node('a')}`;
  const { manifests, findings } = await loadObjects([{ name: 'x.yaml', index: 0, text }]);
  expect(manifests.map(({ object }) => object.name)).toEqual(['a', 'b']);
  expect(findings).toMatchObject([
    { diagnostic: { code: 'object-repeated', problem: expect.stringContaining('first in x.yaml:6:23; this one') } },
  ]);
  expect(findings.map(({ place }) => place && positionAt(place.source, place.offset))).toEqual([
    { line: 12, column: 23 },
  ]);
});
