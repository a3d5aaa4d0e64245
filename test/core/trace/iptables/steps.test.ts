import { describe, expect, it } from 'vitest';
import { toNumber } from '../../../../src/core/structures/rational.ts';
import { outcomeKey } from '../../../../src/core/trace/distribution.ts';
import { traceIptablesSteps } from '../../../../src/core/trace/iptables/trace.ts';
import { probeHosts } from '../../../support/trace/kernel/probe.ts';
import { packetOf, rulesetOf } from '../rules.ts';

function paths(rules: string, packet: string): readonly string[] {
  return traceIptablesSteps(rulesetOf(rules), packetOf(packet), probeHosts.IPv4).paths.map(
    ({ outcome, probability, steps }) => {
      const way = steps.map(({ table, chain, rule }) => `${table} ${chain} ${rule}`);
      return `${[...way, outcomeKey(outcome)].join(' > ')} (${toNumber(probability)})`;
    },
  );
}

describe('traceIptablesSteps', () => {
  it('names exactly the matching rules of each path, in order', () => {
    const rules = `*nat
:SVC - [0:0]
:SEP - [0:0]
-A PREROUTING -d 10.0.0.9 -j DROP
-A PREROUTING -d 10.0.0.1 -j SVC
-A SVC -m statistic --mode random --probability 0.25 -j SEP
-A SVC -p udp -j DNAT --to-destination 192.0.2.1:8080
-A SEP -p udp
-A SEP -p udp -j DNAT --to-destination 10.1.0.1:8080
COMMIT
*filter
-A FORWARD -j ACCEPT
-A INPUT -j ACCEPT
COMMIT
`;
    expect(paths(rules, '10.9.0.1 in eth0 -> 10.0.0.1:80/UDP').toSorted()).toEqual([
      'nat PREROUTING 1 > nat SVC 0 > nat SEP 0 > nat SEP 1 > filter FORWARD 0 > 10.1.0.1:8080 (0.25)',
      'nat PREROUTING 1 > nat SVC 1 > filter INPUT 0 > 192.0.2.1:8080 (0.75)',
    ]);
  });

  it('names the policy that dropped a packet', () => {
    const rules = '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p udp\nCOMMIT\n';
    expect(paths(rules, '10.9.0.1 in eth0 -> 10.0.0.1:80/UDP')).toEqual([
      'filter FORWARD 0 > filter FORWARD policy > drop (1)',
    ]);
  });

  it('keeps paths with the same outcome separate', () => {
    const rules = '*filter\n-A FORWARD -m statistic --mode random --probability 0.5\nCOMMIT\n';
    expect(paths(rules, '10.9.0.1 in eth0 -> 10.0.0.1:80/UDP').toSorted()).toEqual([
      'filter FORWARD 0 > pass (0.5)',
      'pass (0.5)',
    ]);
  });

  it('is empty for a packet that matches no rule', () => {
    expect(paths('*filter\nCOMMIT\n', '10.9.0.1 in eth0 -> 10.0.0.1:80/UDP')).toEqual(['pass (1)']);
  });
});
