import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/core/compiler.ts';
import type { IpFamily } from '../../../src/core/model/address.ts';
import { constantCidr } from '../../../src/core/model/cidr.ts';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import { healthCheckHosts } from '../../../src/daemon/this-node/health-check-hosts.ts';
import { ip, nodeConfig, snapshotOf } from '../../support/objects.ts';

const local = (family: IpFamily) =>
  family === 'IPv4' ? [ip('127.0.0.1'), ip('192.168.0.2'), ip('10.0.0.7')] : [ip('::1'), ip('fd00::2'), ip('fe80::2')];

function hosts(nodePortAddresses: NodeConfig['nodePortAddresses'], family: IpFamily): readonly string[] | undefined {
  const config = nodeConfig({ nodePortAddresses, fallbackNodeIps: [ip('192.168.0.2'), ip('fd00::2')] });
  const plan = compile(snapshotOf({}), config, [family]).plans[family];
  return plan && healthCheckHosts(plan, local(family));
}

describe('health checks are served', () => {
  it.each<[string, NodeConfig['nodePortAddresses'], readonly string[], readonly string[]]>([
    ['everywhere by default', { kind: 'cidrs', cidrs: [] }, ['0.0.0.0'], ['::']],
    ['on the addresses of the node', { kind: 'primary' }, ['192.168.0.2'], ['fd00::2']],
    [
      'on the addresses within the blocks that were asked for',
      { kind: 'cidrs', cidrs: [constantCidr('10.0.0.0/8'), constantCidr('fe80::/10')] },
      ['10.0.0.7'],
      ['fe80::2'],
    ],
    [
      'everywhere in the family that is to be served everywhere',
      { kind: 'cidrs', cidrs: [constantCidr('10.0.0.0/8'), constantCidr('::/0')] },
      ['10.0.0.7'],
      ['::'],
    ],
  ])('%s', (_, addresses, ipv4, ipv6) => {
    expect([hosts(addresses, 'IPv4'), hosts(addresses, 'IPv6')]).toEqual([ipv4, ipv6]);
  });
});
