import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../../src/core/manifest/manifest.ts';
import { hostileIndex, hostileList, hostileObjects } from '../../../support/hostile/objects.ts';
import { expectCleanModel } from './clean-model.ts';

const goodModels = [
  {
    kind: 'Service',
    object: {
      namespace: 'shop',
      name: 'good',
      clusterIps: { IPv4: '10.96.0.10' },
      externalIps: [],
      loadBalancerIps: [],
      loadBalancerSourceRanges: [],
      ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
      internalTrafficPolicy: 'Cluster',
      externalTrafficPolicy: 'Cluster',
    },
  },
  {
    kind: 'EndpointSlice',
    object: {
      namespace: 'shop',
      name: 'good-1',
      serviceName: 'good',
      family: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
      endpoints: [
        {
          address: '10.128.0.1',
          ready: true,
          serving: true,
          terminating: false,
          nodeName: 'node-0',
          zoneHints: [],
          nodeHints: [],
        },
      ],
    },
  },
];

describe('hostile objects', () => {
  it('are many and all different', () => {
    expect(hostileObjects.length).toBeGreaterThanOrEqual(150);
    expect(new Set(hostileObjects.map((hostile) => hostile.title)).size).toBe(hostileObjects.length);
  });

  it.each(hostileObjects)('$title: $code', (hostile) => {
    const { manifests, diagnostics } = readManifest(hostileList(hostile));

    const said = diagnostics.map(({ code, field, object }) => ({ code, field, name: object.name }));
    expect(said).toContainEqual({ code: hostile.code, field: hostile.field, name: hostile.name });
    for (const diagnostic of diagnostics) {
      const { object, problem, remedy, field, path } = diagnostic;
      expect(path.slice(0, 2)).toEqual(['items', hostileIndex]);
      // The text can be shown on any terminal as it is.
      expect([object.kind, object.namespace ?? '', object.name, field, problem, remedy].join('|')).toMatch(/^[ -~]*$/);
      expect(problem.length).toBeLessThan(300);
      expect(problem).toMatch(/[^.]$/);
      expect(remedy).toMatch(/^[A-Z].*[^.]$/);
    }
    expect(diagnostics.length).toBeLessThanOrEqual(25);

    expect([manifests.at(0), manifests.at(-1)]).toEqual(goodModels);
    expect(manifests.length).toBeLessThanOrEqual(3);
    expectCleanModel(manifests);
  });
});
