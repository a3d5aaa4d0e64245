import { describe, expect, it } from 'vitest';
import type { IpAddress } from '../../../src/core/model/address.ts';
import type { Service } from '../../../src/core/model/objects.ts';
import { familyContext } from '../../../src/core/plan/context.ts';
import { claimRules, endpoint, ip, nodeConfig, service, slice, snapshotOf } from '../../support/objects.ts';
import { context, eleven, externalOf, resolve, settle, ten } from './settling.ts';

describe('ranks of claims', () => {
  const address = ip('203.0.113.7');
  const http = { name: 'http', protocol: 'TCP', port: 80 } as const;
  const onNode = ip('192.168.0.2');

  it('give a load-balancer IP to the Service that a controller gave it to, however old an external IP is', () => {
    const shop = service('shop', { clusterIps: ten, loadBalancerIps: [address], createdAtMs: 2 });
    const trap = service('trap', { clusterIps: eleven, externalIps: [address], createdAtMs: 1 });
    const resolution = resolve(shop, trap);
    expect(externalOf(resolution, 'shop')).toHaveLength(1);
    expect(externalOf(resolution, 'trap')).toEqual([]);
    expect(resolution.diagnostics).toMatchObject([
      {
        code: 'frontend-conflict',
        object: { name: 'trap' },
        problem: '203.0.113.7:80 TCP already belongs to Service shop/shop, whose load-balancer IP it is',
        rival: { name: 'shop' },
      },
      { code: 'frontend-contested', severity: 'info', object: { name: 'shop' }, rival: { name: 'trap' } },
    ]);
  });

  it.each([
    ['an external IP', { externalIps: [onNode] }],
    ['a load-balancer IP', { loadBalancerIps: [onNode] }],
  ])('never give a NodePort to %s on an address of this node', (_, over) => {
    const nodePort = service('shop', { clusterIps: ten, ports: [{ ...http, nodePort: 30443 }], createdAtMs: 2 });
    const trap = service('trap', { ...over, clusterIps: eleven, ports: [{ ...http, port: 30443 }], createdAtMs: 1 });
    const resolution = resolve(nodePort, trap);
    expect(externalOf(resolution, 'trap')).toEqual([]);
    expect(resolution.services[0]?.ports[0]?.frontends.nodePort).toBe(30443);
    expect(resolution.diagnostics).toMatchObject([
      { code: 'frontend-conflict', problem: expect.stringContaining('shop/shop, whose NodePort it is') },
      { code: 'frontend-contested', object: { name: 'shop' }, field: 'spec.ports[0].nodePort' },
    ]);
  });

  it('never give a health-check port to an external IP on an address of this node', () => {
    const checked = service('checked', { clusterIps: ten, healthCheckNodePort: 31000 });
    const trap = service('trap', { clusterIps: eleven, externalIps: [onNode], ports: [{ ...http, port: 31000 }] });
    expect(externalOf(resolve(checked, trap), 'trap')).toEqual([]);
  });

  it('leave an external IP on this node every other port, and other nodes every port', () => {
    const nodePort = service('shop', { clusterIps: ten, ports: [{ ...http, nodePort: 30443 }] });
    const other = { clusterIps: eleven, ports: [{ ...http, port: 30443 }] };
    expect(
      externalOf(resolve(nodePort, service('x', { ...other, externalIps: [ip('192.168.0.3')] })), 'x'),
    ).toHaveLength(1);
    expect(
      externalOf(resolve(nodePort, service('x', { clusterIps: eleven, externalIps: [onNode] })), 'x'),
    ).toHaveLength(1);
    const udp = { clusterIps: eleven, ports: [{ ...http, port: 30443, protocol: 'UDP' }] } as const;
    expect(externalOf(resolve(nodePort, service('x', { ...udp, externalIps: [onNode] })), 'x')).toHaveLength(1);
  });
});

describe('what the node needs', () => {
  const [onNode, onKernel] = [ip('192.168.0.2'), ip('192.0.2.77')];
  const trap = (port: number, ...externalIps: readonly IpAddress[]) =>
    service('trap', { externalIps, ports: [{ name: 'http', protocol: 'TCP', port }] });
  const host = { addresses: [onKernel], apiEndpoints: ['198.51.100.1:6443'] };
  const claim = (thief: Service, of = context) => {
    const { services, diagnostics } = settle({ ...snapshotOf({ services: [thief] }), host }, of);
    const served = services[0]?.ports[0]?.frontends.external.map(({ address }) => address);
    return { served, problems: diagnostics.map(({ code, problem }) => `${code}: ${problem}`) };
  };

  it("is never taken: the kubelet's port on each address of this node", () => {
    expect(claim(trap(10250, onNode, onKernel, ip('192.168.0.3')))).toEqual({
      served: ['192.168.0.3'],
      problems: [
        'external-ip-refused: 192.0.2.77:10250 TCP, 192.168.0.2:10250 TCP: not served, ' +
          "because port 10250 of this node's addresses is the kubelet's",
      ],
    });
  });

  it('is never taken: the way to the API server, on whatever address', () => {
    expect(claim(trap(6443, ip('198.51.100.1')))).toEqual({
      served: [],
      problems: ['external-ip-refused: 198.51.100.1:6443 TCP: not served, because this is the API server'],
    });
    expect(claim(trap(443, ip('198.51.100.1'))).served).toEqual(['198.51.100.1']);
  });

  it('is never taken: an endpoint of default/kubernetes', () => {
    const api = slice('kubernetes', [endpoint('192.168.0.9')], {
      namespace: 'default',
      ports: [{ name: 'https', protocol: 'TCP', port: 6443 }],
    });
    const { services } = settle(snapshotOf({ services: [trap(6443, ip('192.168.0.9'))], slices: [api] }));
    expect(services[0]?.ports[0]?.frontends.external).toEqual([]);
  });

  it('is served otherwise, unless all addresses of the node are protected', () => {
    expect(claim(trap(443, onNode, onKernel)).served).toEqual([onKernel, onNode]);
    const rules = { ...claimRules, protectNodeAddresses: true };
    const strict = familyContext(nodeConfig({ claimRules: rules }), undefined, 'IPv4');
    expect(claim(trap(443, onNode, onKernel), strict)).toMatchObject({
      served: [],
      problems: [expect.stringContaining('--protect-node-addresses')],
    });
  });

  it('has no external IPs at all with the feature gate off, while load-balancer IPs stay', () => {
    const rules = { ...claimRules, allowExternalIps: false };
    const off = familyContext(nodeConfig({ claimRules: rules }), undefined, 'IPv4');
    const both = service('both', { externalIps: [ip('203.0.113.1')], loadBalancerIps: [ip('203.0.113.2')] });
    expect(claim(both, off)).toEqual({
      served: ['203.0.113.2'],
      problems: [expect.stringContaining('external-ips-off')],
    });
  });
});
