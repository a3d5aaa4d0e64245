import { describe, expect, it } from 'vitest';
import { lower } from '../../../../src/core/iptables/lower/lower.ts';
import { servicePortChains } from '../../../../src/core/iptables/names.ts';
import { printRuleset } from '../../../../src/core/iptables/print/print.ts';
import type { IpFamily } from '../../../../src/core/model/address.ts';
import type { NodeConfig } from '../../../../src/core/model/config.ts';
import { planFamily } from '../../../../src/core/plan/plan.ts';
import { endpoint, nodeConfig, service, slice, snapshotOf } from '../../../support/objects.ts';

const shop = snapshotOf({
  services: [service('web', { ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080 }] })],
  slices: [slice('web', [endpoint('10.244.1.2')])],
});

/** The rules that name nfacct objects, and the next rule of the same chain. */
function counting(over: Partial<NodeConfig>, family: IpFamily = 'IPv4'): readonly string[] {
  const config = nodeConfig({ nfacct: true, layout: 'kube-proxy', ...over });
  const lines = printRuleset(lower(planFamily(shop, config, family).plan, config.layout)).split('\n');
  return lines.flatMap((line, i) => (line.includes('nfacct') ? [line, lines[i + 1] ?? ''] : []));
}

const invalid = [
  '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP',
  '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
];

const portId = { namespace: 'shop', name: 'web', portName: 'http', protocol: 'TCP', text: 'shop/web:http' } as const;
const toPort = '-p tcp -m comment --comment "shop/web:http" -m tcp --dport 30080';
const external = servicePortChains(portId).external;

describe('rules on a node with nfacct', () => {
  // As kube-proxy 1.36 writes them (pkg/proxy/iptables/proxier.go).
  it.each(['fast', 'kube-proxy'] as const)('count INVALID drops and localhost NodePorts, layout %s', (layout) => {
    expect(counting({ layout })).toEqual([
      `-A KUBE-NODEPORTS -d 127.0.0.0/8 ${toPort} -m nfacct --nfacct-name  localhost_nps_accepted_pkts -j ${external}`,
      `-A KUBE-NODEPORTS ${toPort} -j ${external}`,
      ...invalid,
    ]);
  });

  it('count no NodePorts where localhost has none', () => {
    expect(counting({ localhostNodePorts: false })).toEqual(invalid);
    expect(counting({}, 'IPv6')).toEqual(invalid);
  });

  it('count no INVALID packets that they let through, and nothing in nftables mode', () => {
    expect(counting({ conntrackTcpBeLiberal: true, localhostNodePorts: false })).toEqual([]);
    expect(planFamily(shop, nodeConfig({ mode: 'nftables', nfacct: true }), 'IPv4').plan.nfacct).toBe(false);
  });

  it('count nothing unless the daemon has found nfacct', () => {
    expect(counting({ nfacct: false })).toEqual([]);
  });
});
