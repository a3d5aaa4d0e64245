import { describe, expect, it } from 'vitest';
import {
  addressBranchChain,
  endpointChain,
  maxChainNameLength,
  portBranchChain,
  servicePortChains,
} from '../../../src/core/iptables/names.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { Protocol } from '../../../src/core/model/objects.ts';
import type { ServicePortId } from '../../../src/core/model/plan.ts';

function portId(text: string, protocol: Protocol = 'TCP'): ServicePortId {
  const [, namespace = '', name = '', portName = ''] = /^([^/]*)\/([^:]*):?(.*)$/.exec(text) ?? [];
  return { namespace, name, portName, protocol, text };
}

// All of these are names that kube-proxy 1.36 gave in its own tests.
describe('chain names', () => {
  it('of a service port are the ones of kube-proxy', () => {
    expect(servicePortChains(portId('ns1/svc1:p80'))).toStrictEqual({
      service: 'KUBE-SVC-XPGD46QRK7WJZT7O',
      local: 'KUBE-SVL-XPGD46QRK7WJZT7O',
      external: 'KUBE-EXT-XPGD46QRK7WJZT7O',
      firewall: 'KUBE-FW-XPGD46QRK7WJZT7O',
    });
    expect(servicePortChains(portId('ns1/svc1')).external).toBe('KUBE-EXT-AQI2S6QIMU7PVVRP');
    expect(servicePortChains(portId('ns2/svc2:p80')).local).toBe('KUBE-SVL-GNZBNJ2PO5MGZ6GT');
    expect(servicePortChains(portId('default/kubernetes:https')).service).toBe('KUBE-SVC-NPX46M4PTMTKRN6Y');
  });

  it.each([
    ['ns1/svc1:p80', 'TCP', '10.180.0.1:80', 'SXIVWICOYRO3J4NJ'],
    ['ns1/svc1', 'TCP', '10.0.1.1:80', '3JOIVZTXZZRGORX4'],
    ['ns1/svc1:p80', 'TCP', '[fd00:10:180::1]:80', 'OGYCNMB4EMRUSJ6N'],
    ['ns2/svc2:dns-sctp', 'SCTP', '10.180.0.1:53', '5BVYUR2PKHQSNHD4'],
    ['ns2/svc2:dns-udp', 'UDP', '10.180.2.1:53', '33OH6RZSDRJNC43O'],
  ] as const)('of an endpoint of %s/%s at %s end in %s', (service, protocol, endpoint, hash) => {
    expect(endpointChain(portId(service, protocol), endpoint)).toBe(`KUBE-SEP-${hash}`);
  });

  it('of a block show it where the kernel has room', () => {
    expect(addressBranchChain('KUBE-SVCS-', constantCidr('10.96.16.0/20'))).toBe('KUBE-SVCS-10.96.16.0/20');
    expect(addressBranchChain('KUBE-SVCS-', constantCidr('fd00::/64'))).toMatch(/^KUBE-SVCS-[A-Z2-7]{16}$/);
    const longest = addressBranchChain('KUBE-SVCS-', constantCidr('203.100.113.128/28'));
    expect(longest.length).toBeLessThanOrEqual(maxChainNameLength);
  });

  it('of ports show them', () => {
    expect(portBranchChain('KUBE-NP-', 'TCP', undefined)).toBe('KUBE-NP-tcp');
    expect(portBranchChain('KUBE-NP-', 'SCTP', { from: 30_720, to: 30_975 })).toBe('KUBE-NP-sctp-30720:30975');
  });

  it('are not made of anything but ASCII', () => {
    expect(() => servicePortChains(portId('ns1/größe'))).toThrow('ASCII');
  });
});
