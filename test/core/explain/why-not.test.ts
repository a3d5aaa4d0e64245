import { describe, expect, it } from 'vitest';
import type { ClusterFacts } from '../../../src/core/explain/cluster-facts.ts';
import { explain } from '../../../src/core/explain/explain.ts';
import type { PacketQuestion } from '../../../src/core/explain/explanation.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import type { Manifest, Service, SliceEndpoint } from '../../../src/core/model/objects.ts';
import { endpoint, ip, nodeConfig, service, slice, snapshotOfManifests } from '../../support/objects.ts';

interface Cluster {
  readonly services?: readonly Service[];
  /** Of `shop/web`. */
  readonly endpoints?: readonly SliceEndpoint[];
  readonly manifests?: readonly Manifest[];
  readonly config?: Partial<NodeConfig>;
  readonly clusterFacts?: ClusterFacts;
}

function ask(question: Partial<PacketQuestion>, { services = [], endpoints, manifests = [], ...rest }: Cluster) {
  const objects: Manifest[] = [
    ...services.map((object) => ({ kind: 'Service', object }) as const),
    ...(endpoints === undefined ? [] : [{ kind: 'EndpointSlice', object: slice('web', endpoints) } as const]),
    ...manifests,
  ];
  const { config = {}, clusterFacts } = rest;
  const parts = { snapshot: snapshotOfManifests(objects), config: nodeConfig(config) };
  return explain(clusterFacts === undefined ? parts : { ...parts, clusterFacts }, {
    source: 'outside',
    destination: 'shop/web',
    ...question,
  });
}

function reasonsOf(question: Partial<PacketQuestion>, cluster: Cluster): readonly string[] {
  const answer = ask(question, cluster);
  return answer.kind === 'explained' ? answer.explanation.reasons.map(({ code }) => code) : [answer.unclear.code];
}

const web = service('web');
const nodePort = service('web', { ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080 }] });
const loadBalancer = service('web', {
  externalIps: [ip('198.51.100.7')],
  externalTrafficPolicy: 'Local',
});
const ready = [endpoint('10.244.2.1')];

describe('reasons', () => {
  it.each<[string, Partial<PacketQuestion>, Cluster]>([
    ['no-slices', {}, { services: [web] }],
    [
      'no-selector',
      {},
      { services: [web], clusterFacts: { services: new Map([['shop/web', { clusterIps: [] }]]), pods: new Map() } },
    ],
    ['no-pods', {}, { services: [web], endpoints: [] }],
    ['endpoints-not-ready', {}, { services: [web], endpoints: [endpoint('10.244.2.1', { ready: false })] }],
    [
      'no-slices-of-family',
      {},
      {
        services: [web],
        manifests: [{ kind: 'EndpointSlice', object: slice('web', [endpoint('fd00::1')], { family: 'IPv6' }) }],
      },
    ],
    [
      'port-missing-everywhere',
      {},
      {
        services: [web],
        manifests: [{ kind: 'EndpointSlice', object: slice('web', ready, { ports: [] }) }],
      },
    ],
    ['no-local-endpoint', { destination: '198.51.100.7:80' }, { services: [loadBalancer], endpoints: ready }],
    ['no-local-endpoint', {}, { services: [service('web', { internalTrafficPolicy: 'Local' })], endpoints: ready }],
    ['wrong-port', { destination: 'shop/web:81' }, { services: [web], endpoints: ready }],
    ['wrong-protocol', { destination: 'shop/web:80', protocol: 'UDP' }, { services: [web], endpoints: ready }],
    ['wrong-protocol', { destination: 'node:30080', protocol: 'UDP' }, { services: [nodePort], endpoints: ready }],
    ['node-port-elsewhere', { destination: '192.168.0.9:30080' }, { services: [nodePort], endpoints: ready }],
    [
      'node-port-not-here',
      { destination: 'node:30080' },
      {
        services: [nodePort],
        endpoints: ready,
        config: { nodePortAddresses: { kind: 'cidrs', cidrs: [constantCidr('10.0.0.0/8')] } },
      },
    ],
    [
      'node-port-on-loopback',
      { source: 'node', destination: 'localhost:30080' },
      { services: [nodePort], endpoints: ready, config: { localhostNodePorts: false } },
    ],
    ['loopback', { source: 'localhost', destination: 'localhost:9' }, { services: [web] }],
    ['endpoint-itself', { destination: '10.244.2.1:8080' }, { services: [web], endpoints: ready }],
    ['unknown-address', { destination: '172.16.0.1:80' }, { services: [web] }],
    [
      'no-cluster-ip-of-family',
      { source: 'fd00::7', destination: '[fd00:9::9]:80' },
      { services: [service('web', { externalIps: [ip('fd00:9::9')] })] },
    ],
  ])('%s', (code, question, cluster) => {
    expect(reasonsOf(question, cluster)).toEqual([code]);
  });
});

describe('ambiguous questions', () => {
  const both = service('web', { clusterIps: { IPv4: ip('10.96.0.1'), IPv6: ip('fd00:96::1') } });
  it.each<[string, Partial<PacketQuestion>, Cluster]>([
    ['destination-unreadable', { destination: 'web' }, {}],
    ['destination-unknown', { destination: 'shop/nobody' }, {}],
    [
      'service-left-out',
      {},
      { clusterFacts: { services: new Map([['shop/web', { clusterIps: ['10.96.0.1'] }]]), pods: new Map() } },
    ],
    ['port-unclear', { destination: 'shop/web:dns' }, { services: [web] }],
    ['port-unclear', { destination: '10.9.9.9' }, { services: [web] }],
    ['port-unclear', { destination: 'node' }, { services: [web] }],
    ['node-address-unknown', { destination: 'node:80' }, { config: { fallbackNodeIps: [] } }],
    ['node-address-unknown', { source: 'node' }, { services: [web], config: { fallbackNodeIps: [] } }],
    ['pod-address-unknown', { source: 'pod' }, { services: [web], config: { detectLocal: { mode: 'NodeCIDR' } } }],
    ['source-unknown', { source: 'someone' }, { services: [web] }],
    ['source-unknown', { source: 'shop/nobody' }, { services: [web] }],
    ['source-without-address', { source: 'shop/web' }, { services: [web] }],
    ['families-differ', { source: 'fd00::7' }, { services: [web] }],
    ['families-differ', { family: 'IPv6' }, { services: [web] }],
    ['families-differ', { source: '10.1.1.1', destination: '[fd00::1]:80' }, { services: [both] }],
  ])('%s', (code, question, cluster) => {
    expect(reasonsOf(question, cluster)).toEqual([code]);
  });
});

it('notes another Service that claims the same address and port', () => {
  const older = service('older', {
    clusterIps: { IPv4: ip('10.96.0.2') },
    externalIps: [ip('198.51.100.7')],
    createdAtMs: 1,
  });
  const answer = ask({ destination: '198.51.100.7:80' }, { services: [loadBalancer, older] });
  expect(answer).toMatchObject({
    explanation: {
      target: { service: 'shop/older' },
      notes: [
        { code: 'also-claimed', text: expect.stringContaining('Service shop/web also claims this address and port') },
      ],
    },
  });
});
