import { describe, expect, it } from 'vitest';
import type { ObjectRef } from '../../src/core/diagnostics.ts';
import { positionAt } from '../../src/documents/source.ts';
import { loadObjects } from '../../src/files/load-objects.ts';
import { withPlaces } from '../../src/files/object-index.ts';

const finding = (object: ObjectRef, field = '') =>
  ({ diagnostic: { code: 'x', severity: 'error', object, field, problem: 'x', remedy: 'x' } }) as const;

describe('withPlaces', async () => {
  const source = {
    name: 'x.yaml',
    index: 0,
    text: `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata: { name: web }
    spec: { clusterIP: 10.0.0.1 }
  - apiVersion: v1
    kind: List
    items:
      - kind: Node
        metadata: { name: node-1 }
---
kind: PodList
items:
  - metadata: { namespace: default, name: web }
  - metadata: { name: web }
`,
  };
  const { objects } = await loadObjects([source]);
  const web = { kind: 'Service', namespace: 'default', name: 'web' };
  const at = (object: ObjectRef, field?: string) => {
    const [placed] = withPlaces([finding(object, field)], objects);
    return placed?.place === undefined ? undefined : positionAt(placed.place.source, placed.place.offset);
  };

  it('finds the name of an object, in lists too, whether or not it could be read', () => {
    expect(at(web)).toEqual({ line: 6, column: 23 });
    expect(at({ kind: 'Node', name: 'node-1' })).toEqual({ line: 12, column: 27 });
  });

  it('finds a field that the object has, else the name', () => {
    expect(at(web, 'spec.clusterIP')).toEqual({ line: 7, column: 24 });
    expect(at(web, 'spec.ports[0]')).toEqual({ line: 6, column: 23 });
  });

  it('finds the first of several objects of a name, in a list of objects that are not read too', () => {
    expect(at({ kind: 'Pod', namespace: 'default', name: 'web' })).toEqual({ line: 16, column: 43 });
  });

  it('leaves findings alone that have a place, or whose object is not there', () => {
    expect(at({ kind: 'Service', namespace: 'shop', name: 'web' })).toBeUndefined();
    const placed = { ...finding(web), place: { source, offset: 3 } };
    expect(withPlaces([placed, finding({ kind: 'Flag', name: '--x' })], objects)).toEqual([
      placed,
      finding({ kind: 'Flag', name: '--x' }),
    ]);
  });
});

it('survives whatever a document is', async () => {
  const documents = [null, 1, 'x', [], {}, { kind: 1 }, { kind: 'List', items: 3 }, { kind: 'Service' }];
  const hostile = { kind: 'Pod', metadata: { name: { toString: 1 }, namespace: [] } };
  const sources = [...documents, hostile].map((value, index) => ({ name: 'x', index, text: JSON.stringify(value) }));
  const { objects } = await loadObjects([...sources, { name: 'y', index: 9, text: '&x { kind: List, items: [*x] }' }]);
  expect(() => withPlaces([finding({ kind: 'Pod', name: '' })], objects)).not.toThrow();
});
