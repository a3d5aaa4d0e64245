import { describe, expect, it } from 'vitest';
import { readService } from '../../../../src/core/manifest/manifest.ts';
import { said, serviceJson } from '../fixtures.ts';

const read = (spec: object) => {
  const result = readService(serviceJson({ ...spec }));
  return { object: result.object, said: said(result) };
};

describe('readService', () => {
  it('reads a Service with every field', () => {
    const result = readService({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop', creationTimestamp: '2026-11-23T04:56:37Z', uid: 'x' },
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.96.0.10',
        clusterIPs: ['10.96.0.10', 'fd00:96::10'],
        ipFamilies: ['IPv4', 'IPv6'],
        externalIPs: ['192.0.2.1'],
        loadBalancerSourceRanges: ['198.51.100.0/24', '2001:db8::/32'],
        ports: [{ name: 'https', port: 443, protocol: 'TCP', nodePort: 30_443, targetPort: 8443 }],
        internalTrafficPolicy: 'Local',
        externalTrafficPolicy: 'Local',
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
        healthCheckNodePort: 31_000,
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] } },
    });
    expect(result).toEqual({
      diagnostics: [],
      object: {
        namespace: 'shop',
        name: 'web',
        createdAtMs: Date.UTC(2026, 10, 23, 4, 56, 37),
        clusterIps: { IPv4: '10.96.0.10', IPv6: 'fd00:96::10' },
        externalIps: ['192.0.2.1'],
        loadBalancerIps: ['203.0.113.1'],
        loadBalancerSourceRanges: ['198.51.100.0/24', '2001:db8::/32'],
        ports: [{ name: 'https', protocol: 'TCP', port: 443, nodePort: 30_443 }],
        internalTrafficPolicy: 'Local',
        externalTrafficPolicy: 'Local',
        affinityTimeoutSeconds: 60,
        healthCheckNodePort: 31_000,
      },
    });
    expect(Object.isFrozen(result.object)).toBe(true);
  });

  it.each([
    ['headless', serviceJson({ clusterIP: 'None', clusterIPs: ['None'] })],
    ['headless in clusterIPs alone', serviceJson({ clusterIP: undefined, clusterIPs: ['None'] })],
    ['ExternalName', serviceJson({ type: 'ExternalName', clusterIP: undefined, externalName: 'example.org' })],
    [
      'of another proxy',
      serviceJson({}, { metadata: { name: 'web', labels: { 'service.kubernetes.io/service-proxy-name': 'x' } } }),
    ],
  ])('ignores a Service that is %s', (_, json) => {
    expect(readService(json)).toEqual({ diagnostics: [] });
  });

  it('takes a Service with a cluster IP that is labelled headless', () => {
    const labels = { 'service.kubernetes.io/headless': '' };
    expect(readService(serviceJson({}, { metadata: { name: 'web', labels } }))).toMatchObject({
      object: { name: 'web' },
      diagnostics: [],
    });
  });

  it.each(['type', 'internalTrafficPolicy', 'externalTrafficPolicy'])('leaves out a Service of unknown %s', (key) => {
    const result = readService(serviceJson({ [key]: 'Sometimes' }));
    expect(result.object).toBeUndefined();
    expect(result.diagnostics).toMatchObject([
      { code: 'value-unknown', field: `spec.${key}`, problem: expect.stringContaining('so the Service is left out') },
    ]);
  });

  it('leaves out a Service without a cluster IP', () => {
    expect(read({ clusterIP: undefined })).toEqual({
      object: undefined,
      said: ['warning cluster-ip-missing spec.clusterIP'],
    });
  });
});

describe('external traffic policy', () => {
  it.each([
    ['ClusterIP', [], 'Cluster'],
    ['ClusterIP', ['192.0.2.1'], 'Local'],
    ['NodePort', [], 'Local'],
    ['LoadBalancer', [], 'Local'],
  ])('Local on type %s with externalIPs %j is %s', (type, externalIPs, policy) => {
    const { object, said: diagnostics } = read({ type, externalIPs, externalTrafficPolicy: 'Local' });
    expect([object?.externalTrafficPolicy, diagnostics]).toEqual([policy, []]);
  });

  it.each([
    ['LoadBalancer', 'Local', 31_000, 31_000],
    ['LoadBalancer', 'Local', 0, undefined],
    ['LoadBalancer', 'Cluster', 31_000, undefined],
    ['NodePort', 'Local', 31_000, undefined],
  ])('%s, %s, health check on %d: %s', (type, externalTrafficPolicy, healthCheckNodePort, port) => {
    expect(read({ type, externalTrafficPolicy, healthCheckNodePort }).object?.healthCheckNodePort).toBe(port);
  });
});

describe('session affinity', () => {
  const config = (timeoutSeconds: unknown) => ({ clientIP: { timeoutSeconds } });

  it.each([
    [{}, undefined],
    [{ sessionAffinity: 'None', sessionAffinityConfig: config(5) }, undefined],
    [{ sessionAffinity: 'ClientIP' }, 10_800],
    [{ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: null } }, 10_800],
    [{ sessionAffinity: 'ClientIP', sessionAffinityConfig: config(1) }, 1],
    [{ sessionAffinity: 'ClientIP', sessionAffinityConfig: config(86_400) }, 86_400],
  ])('%j: %s seconds', (spec, seconds) => {
    const { object, said: diagnostics } = read(spec);
    expect([object?.affinityTimeoutSeconds, diagnostics]).toEqual([seconds, []]);
  });

  it.each([
    [{ sessionAffinity: 'Cookie' }, undefined, 'value-unknown spec.sessionAffinity'],
    [
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: config(0) },
      10_800,
      'number-invalid spec.sessionAffinityConfig.clientIP.timeoutSeconds',
    ],
    [{ sessionAffinity: 'ClientIP', sessionAffinityConfig: 5 }, 10_800, 'wrong-type spec.sessionAffinityConfig'],
  ])('%j: %s seconds and an error', (spec, seconds, diagnostic) => {
    const { object, said: diagnostics } = read(spec);
    expect([object?.affinityTimeoutSeconds, diagnostics]).toEqual([seconds, [`error ${diagnostic}`]]);
  });
});
