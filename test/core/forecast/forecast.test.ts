/** What random clusters hardly ever have: see forecast.properties.test.ts for the laws. */
import { describe, expect, it } from 'vitest';
import { forecast } from '../../../src/core/forecast/forecast.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { endpoint, ip, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';

const config = nodeConfig();

function compare(before: Snapshot, after: Snapshot, settings = config) {
  return forecast({ snapshot: before, config: settings }, { snapshot: after, config: settings }, ['IPv4']);
}

describe('a forecast', () => {
  it('names a Service whose endpoint comes to this node: the answer to its own calls is masqueraded now', () => {
    const at = (nodeName: string) =>
      snapshotOf({ services: [service('web')], slices: [slice('web', [endpoint('10.244.0.5', { nodeName })])] });
    const { services } = compare(at('node-b'), at('node-a'));
    expect(services).toMatchObject([{ name: 'web', changes: [{ kind: 'moved', endpoints: ['10.244.0.5:8080'] }] }]);
    expect(compare(at('node-b'), at('node-c')).services).toEqual([]);
  });

  it('asks an endpoint as a caller of its own where a guard goes from the address at which it runs', () => {
    // The endpoint of web is a load-balancer IP of edge, which drops; while it is guarded also what is marked.
    const noneMarked = nodeConfig({ detectLocal: { mode: 'ClusterCIDR', cidrs: [] } });
    const web = service('web', { clusterIps: { IPv4: ip('10.96.0.10') } });
    const webSlice = slice('web', [endpoint('203.0.113.9', { nodeName: 'node-a' })]);
    const at = (ranges: readonly string[]) =>
      snapshotOf({
        services: [
          web,
          service('edge', {
            loadBalancerIps: [ip('203.0.113.9')],
            ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
            externalTrafficPolicy: 'Local',
            loadBalancerSourceRanges: ranges.map(constantCidr),
          }),
        ],
        slices: [webSlice, slice('edge', [endpoint('10.244.3.3')])],
      });
    const { services } = compare(at(['198.51.100.0/24']), at([]), noneMarked);
    const ofWeb = services.find(({ name }) => name === 'web');
    expect(ofWeb?.changes).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'effect', callers: [{ who: 'endpoint' }] })]),
    );
  });

  it('asks at a stand-in for the node where none of its addresses are known', () => {
    const unknown = { ...config, fallbackNodeIps: [] };
    const nodePort = service('web', { ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080 }] });
    const slices = [slice('web', [endpoint('10.244.3.3')])];
    const { services } = forecast(
      { snapshot: snapshotOf({ services: [service('web')], slices }), config: unknown },
      { snapshot: snapshotOf({ services: [nodePort], slices }), config: unknown },
      ['IPv4'],
    );
    expect(services[0]?.changes).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'effect', effect: 'reachable' })]),
    );
  });
});
