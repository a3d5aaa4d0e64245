import { describe, expect, it } from 'vitest';
import type { IpFamily } from '../../../src/core/model/address.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import { checkFamilies } from '../../../src/daemon/this-node/check-families.ts';
import { ip } from '../../support/objects.ts';

const both: readonly IpFamily[] = ['IPv4', 'IPv6'];
const clusterCidr = (...cidrs: readonly string[]) =>
  ({ detectLocal: { mode: 'ClusterCIDR', cidrs: cidrs.map(constantCidr) } }) as const;
const nodeOf = (address: string, ...podCidrs: readonly string[]) => ({
  name: 'node-a',
  addresses: [ip(address)],
  podCidrs: podCidrs.map(constantCidr),
});

describe('a clusterCIDR of the wrong family alone', () => {
  it.each([
    ['on a node of one family', clusterCidr('fd00::/48'), ['IPv4'], undefined],
    ['on a node of the other one', clusterCidr('10.244.0.0/16'), ['IPv6'], undefined],
  ] as const)('is fatal %s', (_, config, families, node) => {
    expect(checkFamilies(config, families, node)).toEqual({
      problem: expect.stringMatching(/^clusterCIDR \S+ has no IPv. block, but IPv. is the only family of this node: /),
      isFatal: true,
    });
  });

  it.each([
    ['bindAddress', { ...clusterCidr('fd00::/48'), bindAddress: ip('192.168.0.2') }, undefined],
    ['the Node', clusterCidr('fd00::/48'), nodeOf('192.168.0.2')],
    ['bindAddress, before the Node', { ...clusterCidr('10.0.0.0/8'), bindAddress: ip('fd00::2') }, nodeOf('10.1.0.2')],
  ])('is a complaint on a node of both, by %s', (_, config, node) => {
    expect(checkFamilies(config, both, node)).toMatchObject({ isFatal: false });
  });

  it.each([
    ['there is none', clusterCidr(), ['IPv4'], undefined],
    ['one of them is of the family', clusterCidr('fd00::/48', '10.244.0.0/16'), ['IPv4'], undefined],
    ['the primary family is not known yet', clusterCidr('fd00::/48'), both, undefined],
    ['IPv6 is the primary one', clusterCidr('fd00::/48'), both, nodeOf('fd00::2')],
  ] as const)('is none where %s', (_, config, families, node) => {
    expect(checkFamilies(config, families, node)).toBeUndefined();
  });
});

it('podCIDRs of the wrong family alone are fatal where they are used', () => {
  const config = { detectLocal: { mode: 'NodeCIDR' } } as const;
  expect(checkFamilies(config, both, nodeOf('192.168.0.2', 'fd00:1::/64'))).toMatchObject({ isFatal: true });
  expect(checkFamilies(config, both, nodeOf('192.168.0.2', 'fd00:1::/64', '10.244.1.0/24'))).toBeUndefined();
  expect(checkFamilies(clusterCidr(), both, nodeOf('192.168.0.2', 'fd00:1::/64'))).toBeUndefined();
});

it('a primary address of a family that the node lacks is fatal', () => {
  const config = { ...clusterCidr(), bindAddress: ip('fd00::2') };
  expect(checkFamilies(config, ['IPv4'])).toEqual({
    problem:
      'the primary address of this node is fd00::2, but it can have no IPv6 rules: ' +
      'set --bind-address to an address of IPv4',
    isFatal: true,
  });
});
