import { describe, expect, it } from 'vitest';
import { fieldPath, indexObjects, placeOf } from '../../src/files/object-index.ts';
import { positionAt } from '../../src/files/source.ts';
import { parseYaml } from '../../src/files/yaml.ts';

describe('fieldPath', () => {
  it.each<[string, readonly (string | number)[]]>([
    ['', []],
    ['spec', ['spec']],
    ['spec.ports[0].port', ['spec', 'ports', 0, 'port']],
    ['metadata.labels[kubernetes.io/service-name]', ['metadata', 'labels', 'kubernetes.io/service-name']],
    ['[3].x', [3, 'x']],
  ])('reads %j', (field, path) => {
    expect(fieldPath(field)).toEqual(path);
  });
});

describe('placeOf', () => {
  const source = {
    name: 'x.yaml',
    index: 0,
    text: `kind: List
items:
  - kind: Service
    metadata: { name: web }
    spec: { clusterIP: 10.0.0.1 }
  - kind: List
    items:
      - kind: Node
        metadata: { name: node-1 }
---
kind: ServiceList
items:
  - metadata: { namespace: default, name: web }
`,
  };
  const index = indexObjects(parseYaml(source).documents);
  const web = { kind: 'Service', namespace: 'default', name: 'web' };
  const line = (...args: Parameters<typeof placeOf> extends [unknown, ...infer Rest] ? Rest : never) => {
    const place = placeOf(index, ...args);
    return place === undefined ? undefined : positionAt(source, place.offset);
  };

  it('finds the name of an object, in lists too', () => {
    expect(line(web)).toEqual({ line: 4, column: 23 });
    expect(line({ kind: 'Node', name: 'node-1' })).toEqual({ line: 9, column: 27 });
  });

  it('finds a field that the object has, else the name', () => {
    expect(line(web, 'spec.clusterIP')).toEqual({ line: 5, column: 24 });
    expect(line(web, 'spec.ports[0]')).toEqual({ line: 4, column: 23 });
  });

  it('finds the second object of a name', () => {
    expect(line(web, '', 1)).toEqual({ line: 13, column: 43 });
    expect(line(web, '', 2)).toBeUndefined();
  });

  it('knows nothing of what is not there', () => {
    expect(line({ kind: 'Service', namespace: 'shop', name: 'web' })).toBeUndefined();
  });
});

describe('indexObjects', () => {
  it('survives whatever a document is', () => {
    const cyclic: Record<string, unknown> = { kind: 'List' };
    cyclic['items'] = [cyclic];
    const documents = [null, 1, 'x', [], {}, { kind: 1 }, { kind: 'List', items: 3 }, { kind: 'Service' }, cyclic];
    const source = { name: 'x', index: 0, text: '' };
    const locate = () => ({ offset: 0, exact: false });
    expect(() => indexObjects(documents.map((value) => ({ source, value, locate })))).not.toThrow();
  });
});
