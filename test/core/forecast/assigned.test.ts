import { describe, expect, it } from 'vitest';
import { withAssigned } from '../../../src/core/forecast/assigned.ts';

type Spec = Readonly<Record<string, unknown>>;

const service = (spec: Spec, rest: object = {}) => ({ metadata: { name: 'web' }, ...rest, spec });
const stands = (family: 'IPv4' | 'IPv6') => (family === 'IPv4' ? '198.18.0.1' : '2001:db8::1');

/** The spec that the cluster would have after this manifest was applied, and what it would assign. */
function applied(wanted: Spec, old?: Spec, rest: object = {}) {
  const { json, changes } = withAssigned(service(wanted), old && service(old, rest), stands);
  return {
    ...json,
    spec: json['spec'],
    assigned: changes.map((change) => (change.kind === 'assigned' ? change.what : change.kind)),
  };
}

const http = { name: 'http', port: 80 };
const old = {
  type: 'LoadBalancer',
  clusterIP: '10.96.0.1',
  clusterIPs: ['10.96.0.1', 'fd00::1'],
  externalTrafficPolicy: 'Local',
  healthCheckNodePort: 30999,
  ports: [{ ...http, nodePort: 30080 }],
};

describe('what the cluster has assigned', () => {
  it('stays: cluster IPs, NodePorts, health check port, load-balancer IPs and age', () => {
    const status = { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } };
    const metadata = { name: 'web', creationTimestamp: '2026-01-01T00:00:00Z' };
    const wanted = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [http] };
    expect(applied(wanted, old, { status, metadata })).toEqual({
      metadata,
      status,
      spec: { ...wanted, ...old, ipFamilies: ['IPv4', 'IPv6'] },
      assigned: [],
    });
  });

  it.each<[string, Spec, Spec]>([
    ['an address that is written', { clusterIP: '10.96.0.9' }, { clusterIP: '10.96.0.9' }],
    ['one family of two', { ipFamilyPolicy: 'SingleStack' }, { clusterIPs: ['10.96.0.1'] }],
    [
      'a port that is written',
      { type: 'NodePort', ports: [{ ...http, nodePort: 31000 }] },
      { ports: [{ ...http, nodePort: 31000 }] },
    ],
    [
      'the same port with another name',
      { type: 'NodePort', ports: [{ port: 80 }] },
      { ports: [{ port: 80, nodePort: 30080 }] },
    ],
    [
      'the same name with another port',
      { type: 'NodePort', ports: [{ ...http, port: 81 }] },
      { ports: [{ ...http, port: 81, nodePort: 30080 }] },
    ],
    [
      'a NodePort that went to another port',
      { type: 'NodePort', ports: [http, { port: 9, nodePort: 30080 }] },
      { ports: [http, { port: 9, nodePort: 30080 }] },
    ],
    ['no NodePorts for ClusterIP', { ports: [http] }, { ports: [http] }],
  ])('%s', (_, wanted, spec) => {
    expect(applied(wanted, old)).toMatchObject({ spec });
  });

  it('is nothing for a headless Service, which stays one, and for ExternalName', () => {
    expect(applied({}, { clusterIP: 'None' })).toMatchObject({ spec: { clusterIP: 'None' }, assigned: [] });
    expect(applied({ type: 'ExternalName' }, old)).toMatchObject({ spec: { type: 'ExternalName' }, assigned: [] });
  });

  it('is unknown for a Service that has no cluster IP in OLD either', () => {
    expect(applied({ ports: [http] }, { ports: [http] }).spec).toEqual({ ports: [http] });
  });
});

describe('what the cluster will assign', () => {
  it.each<[Spec, readonly string[], readonly string[]]>([
    [{ ports: [http] }, ['198.18.0.1'], ['clusterIP']],
    [{ selector: { app: 'web' }, ports: [http] }, ['198.18.0.1'], ['clusterIP', 'endpoints']],
    [{ ipFamilies: ['IPv6'] }, ['2001:db8::1'], ['clusterIP']],
    [{ ipFamilyPolicy: 'RequireDualStack' }, ['198.18.0.1', '2001:db8::1'], ['clusterIP', 'clusterIP']],
    [{ type: 'NodePort', ports: [http] }, ['198.18.0.1'], ['clusterIP', 'nodePort']],
    [{ type: 'LoadBalancer', ports: [http] }, ['198.18.0.1'], ['clusterIP', 'nodePort', 'loadBalancerIP']],
    [
      { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [http] },
      ['198.18.0.1'],
      ['clusterIP', 'loadBalancerIP'],
    ],
  ])('a new Service with %j has placeholders %j', (spec, clusterIPs, assigned) => {
    expect(applied(spec)).toMatchObject({ spec: { clusterIPs }, assigned });
  });

  it('a second address, and NodePorts for a Service that had none', () => {
    const before = { clusterIP: '10.96.0.1', ports: [http] };
    const { assigned, spec } = applied({ type: 'NodePort', ipFamilyPolicy: 'RequireDualStack', ports: [http] }, before);
    expect(assigned).toEqual(['clusterIP', 'nodePort']);
    expect(spec).toMatchObject({ clusterIPs: ['10.96.0.1', '2001:db8::1'] });
  });
});
