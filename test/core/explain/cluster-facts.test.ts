import { describe, expect, it } from 'vitest';
import { readClusterFacts } from '../../../src/core/explain/cluster-facts.ts';
import { readManifest } from '../../../src/core/manifest/manifest.ts';

const read = (document: unknown) => readClusterFacts(readManifest(document).objects);

function service(name: string, spec: object, labels: object = {}): object {
  return { kind: 'Service', metadata: { name, namespace: 'team', labels }, spec };
}

describe('readClusterFacts', () => {
  it.each([
    ['headless', service('db', { clusterIP: 'None' }), { kind: 'headless' }],
    ['headless, by the list', service('db', { clusterIPs: ['None'] }), { kind: 'headless' }],
    [
      'external',
      service('db', { type: 'ExternalName', externalName: 'db.example.com' }),
      { kind: 'externalName', host: 'db.example.com' },
    ],
    [
      "another proxy's",
      service('db', { clusterIP: '10.96.0.1' }, { 'service.kubernetes.io/service-proxy-name': 'mesh' }),
      { kind: 'otherProxy', label: 'service.kubernetes.io/service-proxy-name', value: 'mesh' },
    ],
    ['ours', service('db', { clusterIP: '10.96.0.1' }), undefined],
  ])('recognizes a Service: %s', (_, object, aside) => {
    expect(read(object).services.get('team/db')?.aside).toEqual(aside);
  });

  it('reads lists with items that have no kind', () => {
    const list = {
      kind: 'ServiceList',
      items: [{ metadata: { name: 'web' }, spec: { selector: { app: 'web', tier: 'a' } } }],
    };
    expect(read(list).services.get('default/web')).toEqual({
      clusterIps: [],
      selector: 'app=web,tier=a',
    });
  });

  it('reads the addresses and nodes of Pods', () => {
    const status = { podIP: '10.1.0.1', podIPs: [{ ip: '10.1.0.1' }, { ip: 'fd00::1' }] };
    const pod = { kind: 'Pod', metadata: { name: 'a', namespace: 'team' }, spec: { nodeName: 'node-a' }, status };
    expect(read(pod).pods.get('team/a')).toEqual({
      addresses: ['10.1.0.1', 'fd00::1'],
      node: 'node-a',
      hostNetwork: false,
    });
  });

  it.each([
    [null],
    ['text'],
    [{ kind: 'Service' }],
    [{ items: [1, null] }],
    [{ kind: 'Pod', status: { podIPs: 'x' } }],
  ])('skips the malformed object %j', (document) => {
    expect(() => read(document)).not.toThrow();
  });
});
