import { describe, expect, it } from 'vitest';
import { parseTables } from '../../../../src/core/nftables/listing/parse.ts';
import { formatDistribution, formatProbability, outcomeKey } from '../../../../src/core/trace/distribution.ts';
import { traceNftables, traceNftablesSteps } from '../../../../src/core/trace/nftables/trace.ts';
import { ip } from '../../../support/objects.ts';
import { probeHosts } from '../../../support/trace/kernel/probe.ts';
import { arriving, sent } from '../../../support/trace/nftables.ts';

/** In kube-proxy's shape: a Service with two endpoints and affinity, one without any, a guarded address. */
const kubeProxy = `table ip kube-proxy {
	comment "rules for kube-proxy"
	set cluster-ips {
		type ipv4_addr
		elements = { 10.96.0.1, 10.96.0.2 }
	}

	set affinity-B-shop/web/udp/__2 {
		type ipv4_addr
		size 65535
		flags dynamic,timeout
		timeout 3h
		elements = { 10.1.0.9 timeout 3h expires 2h59m }
	}

	map service-ips {
		type ipv4_addr . inet_proto . inet_service : verdict
		elements = { 10.96.0.1 . udp . 80 : goto service-A-shop/web/udp/ }
	}

	map firewall-ips {
		type ipv4_addr . inet_proto . inet_service : verdict
		elements = { 203.0.113.5 . udp . 80 : goto firewall-A-shop/web/udp/ }
	}

	map no-endpoint-services {
		type ipv4_addr . inet_proto . inet_service : verdict
		elements = { 10.96.0.2 . udp . 80 comment "shop/gone" : goto reject-chain }
	}

	chain endpoint-A-shop/web/udp/__1 {
		ip saddr 10.1.0.1 meta mark set meta mark | 0x00004000
		meta l4proto udp dnat to 10.1.0.1:8080
	}

	chain endpoint-B-shop/web/udp/__2 {
		update @affinity-B-shop/web/udp/__2 { ip saddr }
		meta l4proto udp dnat to 10.1.0.2:8080
	}

	chain service-A-shop/web/udp/ {
		ip saddr @affinity-B-shop/web/udp/__2 goto endpoint-B-shop/web/udp/__2
		numgen random mod 2 vmap { 0 : goto endpoint-A-shop/web/udp/__1, 1 : goto endpoint-B-shop/web/udp/__2 }
	}

	chain firewall-A-shop/web/udp/ {
		ip saddr != { 192.0.2.0/24, 203.0.113.77 } drop
	}

	chain firewall-check {
		ip daddr . meta l4proto . th dport vmap @firewall-ips
	}

	chain filter-prerouting-pre-dnat {
		type filter hook prerouting priority dstnat - 10; policy accept;
		ct state new jump firewall-check
	}

	chain reject-chain {
		reject
	}

	chain filter-forward {
		type filter hook forward priority filter; policy accept;
		ct state new ip daddr . meta l4proto . th dport vmap @no-endpoint-services
		ct state new ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"
		ct state new ip daddr 10.96.0.0/16 drop
	}

	chain masquerading {
		meta mark & 0x00004000 == 0x00000000 return
		meta mark set meta mark ^ 0x00004000
		masquerade fully-random
	}

	chain nat-postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		jump masquerading
	}

	chain services {
		ip daddr @cluster-ips ip saddr != 10.1.0.0/16 meta mark set meta mark | 0x00004000
		ip daddr . meta l4proto . th dport vmap @service-ips
	}

	chain nat-prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		jump services
	}
}
`;

function rulesetOf(text: string) {
  const [table] = parseTables(text).tables;
  if (table === undefined || table.problems.length > 0) throw new Error(`not read: ${JSON.stringify(table?.problems)}`);
  return table.ruleset;
}

const forwardOf = (...rules: readonly string[]) =>
  rulesetOf(`table ip x {
	set known {
		type ipv4_addr
		elements = { 10.96.0.9, 10.96.0.100-10.96.0.103 }
	}
	map verdicts {
		type inet_service : verdict
		elements = { 53 : drop, 79-82 : accept }
	}
	chain f {
		type filter hook forward priority filter; policy drop;
		${rules.join('\n\t\t')}
	}
}
`);

const pod = arriving({ source: ip('10.1.0.7') });

describe("kube-proxy's own table", () => {
  const ruleset = rulesetOf(kubeProxy);
  it.each([
    ['from a pod', pod, '10.1.0.1:8080 1/2, 10.1.0.2:8080 1/2'],
    ['from outside', arriving(), '10.1.0.1:8080 masquerade 1/2, 10.1.0.2:8080 masquerade 1/2'],
    ['from an endpoint', arriving({ source: ip('10.1.0.1') }), '10.1.0.1:8080 masquerade 1/2, 10.1.0.2:8080 1/2'],
    ['from a client that is known', { ...pod, remembered: '10.1.0.2:8080' }, '10.1.0.2:8080'],
    ['to no endpoint', { ...pod, destination: ip('10.96.0.2') }, 'reject'],
    ['to another port', { ...pod, port: 81 }, 'reject'],
    ['to an unused address', { ...pod, destination: ip('10.96.9.9') }, 'drop'],
    ['to a guarded address, shut out', { ...pod, destination: ip('203.0.113.5') }, 'drop'],
    ['to a guarded address, let in', arriving({ source: ip('203.0.113.77'), destination: ip('203.0.113.5') }), 'pass'],
    ['from this node, where no chain hangs', sent(), 'pass'],
  ])('%s', (_, packet, wanted) => {
    const { distribution, problems } = traceNftables(ruleset, packet, probeHosts.IPv4);
    expect([formatDistribution(distribution), problems]).toEqual([wanted, []]);
  });
});

describe('unknown outcomes', () => {
  it.each([
    ['words, where all else holds', ['ip daddr 10.96.0.1 oifname "eth0" accept'], [{ kind: 'opaque', rule: 0 }]],
    ['words, but not where something fails', ['ip daddr 10.96.0.7 oifname "eth0" accept'], []],
    ['words after a verdict are not met', ['accept', 'oifname "eth0" accept'], []],
    ['a set that may hold it', ['ip daddr @known accept'], [{ kind: 'partial', detail: 'known' }]],
    ['nor one that it may not be in', ['ip daddr != @known accept'], [{ kind: 'partial', detail: 'known' }]],
    ['a map that may have it', ['th dport vmap @verdicts'], [{ kind: 'partial', detail: 'verdicts' }]],
    [
      'a statement',
      ['meta mark set 0x00000001 ct mark set meta mark'],
      [{ kind: 'opaque', detail: 'ct mark set meta mark' }],
    ],
    ['a set without name', ['ip daddr @nobody accept'], [{ kind: 'missing', detail: 'nobody' }]],
  ])('are reported for %s', (_, rules, problems) => {
    expect(traceNftables(forwardOf(...rules), pod, probeHosts.IPv4).problems).toMatchObject(problems);
  });

  it('do not occur if a partial set contains the packet', () => {
    const packet = { ...pod, destination: ip('10.96.0.9') };
    const { distribution, problems } = traceNftables(forwardOf('ip daddr @known reject'), packet, probeHosts.IPv4);
    expect([formatDistribution(distribution), problems]).toEqual(['reject', []]);
  });
});

describe('verdicts and policies', () => {
  it.each([
    [['ct state established,related accept'], 'drop'],
    [['ct state != established accept'], 'pass'],
    [['fib daddr type != local reject'], 'reject'],
    [['meta mark set 0x00000005', 'meta mark & 0x00000004 == 0x00000004 reject'], 'reject'],
    [['meta mark set 0x00000005', 'meta mark set meta mark ^ 0x00000004', 'meta mark != 0x00000001 reject'], 'drop'],
    [['th dport vmap { 80 : accept }'], 'pass'],
    [['th dport vmap { 80 : return }', 'accept'], 'drop'],
    [['th dport vmap { 80 : continue }', 'accept'], 'pass'],
  ])('%s', (rules, wanted) => {
    expect(formatDistribution(traceNftables(forwardOf(...rules), pod, probeHosts.IPv4).distribution)).toBe(wanted);
  });
});

describe('traceNftablesSteps', () => {
  function ways(ruleset: ReturnType<typeof rulesetOf>, packet = pod): readonly string[] {
    return traceNftablesSteps(ruleset, packet, probeHosts.IPv4)
      .paths.map(({ outcome, probability, steps }) => {
        const way = steps.map(
          ({ chain, rule, found }) =>
            `${chain} ${rule}${found === undefined ? '' : ` [${found.element.key.join(' ')}]`}`,
        );
        return `${[...way, outcomeKey(outcome)].join(' > ')} (${formatProbability(probability)})`;
      })
      .toSorted();
  }

  it('names the matching rules of each path in order, with their map elements', () => {
    const start = 'filter-prerouting-pre-dnat 0 > nat-prerouting 0 > services 1 [10.96.0.1 UDP 80]';
    const [end, second] = ['filter-forward-end', 'endpoint-B-shop/web/udp/__2'];
    expect(
      ways(rulesetOf(kubeProxy)).map((way) => way.replace(/ > nat-postrouting 0 > masquerading 0/, ` > ${end}`)),
    ).toEqual([
      `${start} > service-A-shop/web/udp/ 1 [0] > endpoint-A-shop/web/udp/__1 1 > ${end} > 10.1.0.1:8080 (1/2)`,
      `${start} > service-A-shop/web/udp/ 1 [1] > ${second} 0 > ${second} 1 > ${end} > 10.1.0.2:8080 (1/2)`,
    ]);
  });

  it('names the policy that dropped a packet, and skips rules without effect', () => {
    expect(ways(forwardOf('th dport vmap { 81 : accept }', 'ip daddr 10.9.9.9 accept'))).toEqual([
      'f policy > drop (1/1)',
    ]);
  });

  it('is empty for a packet of the other family', () => {
    expect(ways(forwardOf('accept'), arriving({ source: ip('fd00::1'), destination: ip('fd00::2') }))).toEqual([
      'pass (1/1)',
    ]);
  });
});
