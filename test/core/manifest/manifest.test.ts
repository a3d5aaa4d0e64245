import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../src/core/manifest/manifest.ts';
import { said, serviceJson, sliceJson } from './fixtures.ts';

const list = (kind: string, items: unknown, apiVersion = 'v1') => ({ apiVersion, kind, metadata: {}, items });
const read = (json: unknown) => {
  const result = readManifest(json);
  return { found: result.manifests.map(({ kind, object }) => `${kind} ${object.name}`), said: said(result), ...result };
};
const untyped = ({ kind: _kind, apiVersion: _apiVersion, ...rest }: Readonly<Record<string, unknown>>) => rest;
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-0' } };
const serviceCidr = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: 'kubernetes' },
  spec: { cidrs: ['10.96.0.0/12'] },
};

describe('readManifest', () => {
  it('reads one object', () => {
    expect(read(serviceJson()).found).toEqual(['Service web']);
  });

  it('reads a List of all kinds, in order', () => {
    const result = read(list('List', [serviceCidr, sliceJson(), node, serviceJson()]));
    expect(result.found).toEqual(['ServiceCIDR kubernetes', 'EndpointSlice web-1', 'Node node-0', 'Service web']);
    expect(result.diagnostics).toEqual([]);
  });

  it.each([
    ['ServiceList', 'v1', serviceJson(), 'Service web'],
    ['EndpointSliceList', 'discovery.k8s.io/v1', sliceJson(), 'EndpointSlice web-1'],
    ['NodeList', 'v1', node, 'Node node-0'],
    ['ServiceCIDRList', 'networking.k8s.io/v1', serviceCidr, 'ServiceCIDR kubernetes'],
  ])('reads a %s of %s with items that repeat neither', (kind, apiVersion, item, found) => {
    expect(read(list(kind, [item, untyped(item)], apiVersion)).found).toEqual([found, found]);
  });

  it.each([undefined, null])('does not take a list with items %j for an empty cluster', (items) => {
    const { diagnostics } = readManifest(list('ServiceList', items));
    expect(diagnostics).toMatchObject([{ code: 'list-incomplete', field: 'items', severity: 'error' }]);
  });

  it.each([[[]]])('reads a list with items %j', (items) => {
    expect(readManifest(list('ServiceList', items))).toEqual({ objects: [], manifests: [], diagnostics: [] });
  });

  it('says that one page is not all of a list, and reads it', () => {
    const page = { ...list('ServiceList', [untyped(serviceJson())]), metadata: { continue: 'abc' } };
    const result = read(page);
    expect(result.found).toEqual(['Service web']);
    expect(result.diagnostics).toMatchObject([{ code: 'list-incomplete', severity: 'error', path: ['metadata'] }]);
  });

  it.each([undefined, null, [], {}, { continue: '' }, { continue: 5 }])('reads a list with metadata %j', (metadata) => {
    expect(readManifest({ ...list('List', []), metadata })).toEqual({ objects: [], manifests: [], diagnostics: [] });
  });

  it('gives the path of every object, of kinds that shape no rules too', () => {
    const pods = { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'p' } }, null] };
    const headless = serviceJson({ clusterIP: 'None' });
    const { objects, manifests } = readManifest(list('List', [node, null, list('List', [headless]), pods]));
    expect(objects.map(({ kind, path }) => `${kind} ${path.join('.')}`)).toEqual([
      'Node items.0',
      'Service items.2.items.0',
      'Pod items.3.items.0',
      'Pod items.3.items.1',
    ]);
    expect(objects.map(({ manifest }) => manifest)).toEqual([manifests[0], undefined, undefined, undefined]);
    expect(objects[1]?.json).toBe(headless);
  });

  it('reads lists within a list', () => {
    const result = read(list('List', [list('ServiceList', [untyped(serviceJson())]), node]));
    expect(result.found).toEqual(['Service web', 'Node node-0']);
  });

  it('says where it found a problem', () => {
    const bad = serviceJson({
      ports: [
        { name: 'http', port: 80 },
        { name: 'x', port: '81' },
      ],
    });
    expect(readManifest(list('List', [node, list('List', [bad])])).diagnostics).toMatchObject([
      {
        object: { kind: 'Service', namespace: 'shop', name: 'web' },
        field: 'spec.ports[1].port',
        path: ['items', 1, 'items', 0, 'spec', 'ports', 1, 'port'],
      },
    ]);
  });

  it('ignores other kinds with a word', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'shop' } };
    const result = read(list('List', [pod, serviceJson()]));
    expect(result.found).toEqual(['Service web']);
    expect(result.diagnostics).toMatchObject([
      {
        code: 'kind-ignored',
        severity: 'info',
        object: { kind: 'Pod', namespace: 'shop', name: 'p' },
        path: ['items', 0],
      },
    ]);
  });

  it('reads a list once, wherever it stands', () => {
    const shared = list('List', [serviceJson()]);
    const result = read(list('List', [shared, { ...shared }, node]));
    expect(result.found).toEqual(['Service web', 'Node node-0']);
    expect(result.diagnostics).toMatchObject([{ code: 'list-nested', path: ['items', 1] }]);
  });

  it('counts nothings with their list', () => {
    const { diagnostics } = readManifest(list('List', new Array(1000).fill(null)));
    expect(diagnostics).toHaveLength(21);
    expect(diagnostics.at(7)).toMatchObject({
      code: 'not-an-object',
      object: { name: 'items[7]' },
      path: ['items', 7],
    });
    expect(diagnostics.at(-1)).toMatchObject({ code: 'more-problems', object: { kind: 'List' }, path: [] });
  });

  it('names every object that is left out, however many', () => {
    const bad = new Array(100).fill(serviceJson({ type: 'x' }));
    expect(readManifest(list('List', bad)).diagnostics).toHaveLength(100);
  });

  it('is named at the root as well', () => {
    expect(readManifest(undefined).diagnostics).toMatchObject([
      { code: 'not-an-object', object: { name: '(unnamed)' } },
    ]);
    expect(readManifest({ kind: 'Service' }).diagnostics).toMatchObject([
      { code: 'api-version', path: ['apiVersion'] },
    ]);
  });
});
