import { describe, expect, it } from 'vitest';
import type { NodeConfig } from '../../../src/core/model/config.ts';
import type { Node } from '../../../src/core/model/objects.ts';
import { familyContext } from '../../../src/core/plan/context.ts';
import { ip, nodeConfig } from '../../support/objects.ts';

const primary = { mode: 'nftables', nodePortAddresses: { kind: 'primary' }, fallbackNodeIps: [] } as const;

function nodeOf(...addresses: readonly string[]): Node {
  return { name: 'node-a', addresses: addresses.map(ip), podCidrs: [] };
}

/** What NodePorts answer on, of both families. */
function nodePorts(node: Node | undefined, over: Partial<NodeConfig> = {}) {
  const config = nodeConfig({ ...primary, ...over });
  return (['IPv4', 'IPv6'] as const).map((family) => familyContext(config, node, family).nodePorts.within.join());
}

describe('NodePorts of the primary address', () => {
  it.each<[string, Node | undefined, Partial<NodeConfig>, readonly string[]]>([
    ['nothing is known yet', undefined, {}, ['', '']],
    ['the Node has both families', nodeOf('192.168.0.2', 'fd00::2'), {}, ['192.168.0.2/32', 'fd00::2/128']],
    ['the Node has one family', nodeOf('192.168.0.2'), {}, ['192.168.0.2/32', '::/0']],
    ['the Node has no address', nodeOf(), {}, ['0.0.0.0/0', '::/0']],
    [
      'bindAddress is set',
      nodeOf('192.168.0.2', 'fd00::2'),
      { bindAddress: ip('10.0.0.9') },
      ['10.0.0.9/32', 'fd00::2/128'],
    ],
    ['only bindAddress is known', undefined, { bindAddress: ip('10.0.0.9') }, ['10.0.0.9/32', '::/0']],
    [
      'bindAddress is a loopback address',
      nodeOf('192.168.0.2'),
      { bindAddress: ip('127.0.0.1') },
      ['0.0.0.0/0', '::/0'],
    ],
  ])('are those that kube-proxy has where %s', (_, node, over, expected) => {
    expect(nodePorts(node, over)).toEqual(expected);
  });
});
