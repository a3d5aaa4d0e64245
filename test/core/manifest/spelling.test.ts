import * as client from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../src/core/manifest/manifest.ts';
import { type FieldShape, shapes } from '../../../src/core/manifest/spelling.ts';

interface Model {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[];
}

/** `Array<V1ServicePort>` → `V1ServicePort`, where that is a model of the generated client. */
function modelOf(type: string): Model | undefined {
  const name = /^(?:Array<)?(\w+)>?$/.exec(type)?.[1] ?? '';
  const found: unknown = Object.entries(client).find(([key]) => key === name)?.[1];
  return typeof found === 'function' && 'getAttributeTypeMap' in found ? (found as unknown as Model) : undefined;
}

/** The paths of all fields that the generated client of Kubernetes knows. */
function pathsOfModel(model: Model, at = ''): readonly string[] {
  return model.getAttributeTypeMap().flatMap(({ baseName, type }) => {
    const inner = modelOf(type);
    return inner === undefined ? [at + baseName] : pathsOfModel(inner, `${at}${baseName}.`);
  });
}

function pathsOfShape({ names, inner }: FieldShape, at = ''): readonly string[] {
  const shapesOf = new Map(inner);
  return [...names].flatMap((name) => {
    const below = shapesOf.get(name);
    return below === undefined ? [at + name] : pathsOfShape(below, `${at}${name}.`);
  });
}

const service = (spec: object, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }], ...spec },
  ...rest,
});

const unknownIn = (json: object) =>
  readManifest(json)
    .diagnostics.filter(({ code }) => code === 'field-unknown')
    .map(({ field, remedy, severity }) => `${severity} ${field}: ${remedy}`);

describe('the fields of', () => {
  it.each([
    ['Service', client.V1Service],
    ['EndpointSlice', client.V1EndpointSlice],
  ] as const)('%s are those of the generated client', (kind, model) => {
    const shape = shapes[kind];
    expect(shape && [...pathsOfShape(shape)].sort()).toEqual([...pathsOfModel(model)].sort());
  });
});

describe('a misspelt field', () => {
  it.each<[object, readonly string[]]>([
    [
      service({ loadBalancerSourceRange: ['10.0.0.0/8'] }),
      ['spec.loadBalancerSourceRange: Write loadBalancerSourceRanges'],
    ],
    [service({ sessionAfinity: 'ClientIP' }), ['spec.sessionAfinity: Write sessionAffinity']],
    [service({ externalIps: [] }), ['spec.externalIps: Write externalIPs']],
    [service({ ports: [{ port: 80 }, { port: 81, nodeport: 1 }] }), ['spec.ports[1].nodeport: Write nodePort']],
    [
      service({ sessionAffinityConfig: { clientIP: { timeout: 1 } } }),
      ['spec.sessionAffinityConfig.clientIP.timeout: Write timeoutSeconds'],
    ],
    [service({}, { status: { loadBalancer: { ingres: [] } } }), ['status.loadBalancer.ingres: Write ingress']],
    [service({}, { metadata: { name: 'web', namspace: 'x' } }), ['metadata.namspace: Write namespace']],
    [service({}, { sepc: {} }), ['sepc: Write spec']],
    [service({ clusterIP: 'None', whatever: 1 }), ['spec.whatever: Remove it']],
    [service({ __proto__: null, constructor: 1 }), ['spec.constructor: Remove it']],
  ])('of %j is a warning with the field that was meant', (json, found) => {
    expect(unknownIn(json)).toEqual(found.map((each) => `warning ${each}`));
  });

  it('of an EndpointSlice too, in an endpoint', () => {
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], conditions: { redy: false }, nodename: 'a' }],
    };
    expect(unknownIn(slice)).toEqual([
      'warning endpoints[0].nodename: Write nodeName',
      'warning endpoints[0].conditions.redy: Write ready',
    ]);
  });

  it('many times does not become as many warnings', () => {
    const ports = Array.from({ length: 10_000 }, (_, i) => ({ name: `p${i}`, port: 1, prot: 'TCP' }));
    expect(unknownIn(service({ ports })).length).toBeLessThan(25);
  });
});
