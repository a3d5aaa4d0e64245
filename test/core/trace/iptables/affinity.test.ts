import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../../src/core/model/packet.ts';
import { formatDistribution } from '../../../../src/core/trace/distribution.ts';
import { traceIptables } from '../../../../src/core/trace/iptables/trace.ts';
import { affinityRules } from '../facts/affinity.ts';
import { packetOf, rulesetOf } from '../rules.ts';

function verdict(rules: string, packet: Packet): string {
  const { distribution, problems } = traceIptables(rulesetOf(rules), packet, { addresses: [] });
  expect(problems).toEqual([]);
  return formatDistribution(distribution);
}

const client = packetOf('10.9.0.1 in eth0 -> 10.0.0.1:80/UDP');

describe('traceIptables and xt_recent', () => {
  it('gives a new client any endpoint', () => {
    expect(verdict(affinityRules, client)).toBe('10.1.0.1:8080 1/2, 10.1.0.2:8080 1/2');
  });

  it.each(['10.1.0.1:8080', '10.1.0.2:8080'])('sends a client back to %s', (remembered) => {
    expect(verdict(affinityRules, { ...client, remembered })).toBe(remembered);
  });

  it('treats a client of a removed endpoint as new', () => {
    const packet = { ...client, remembered: '10.1.0.3:8080' };
    expect(verdict(affinityRules, packet)).toBe('10.1.0.1:8080 1/2, 10.1.0.2:8080 1/2');
  });

  it('knows a list that another rule of the rewriting chain sets', () => {
    const rules = affinityRules.replace(
      '-A SEP-1 -p udp -m recent --name SEP-1 --set -j DNAT --to-destination 10.1.0.1:8080',
      '-A SEP-1 -m recent --name SEP-1 --set\n-A SEP-1 -p udp -j DNAT --to-destination 10.1.0.1:8080',
    );
    expect(rules).not.toBe(affinityRules);
    expect(verdict(rules, { ...client, remembered: '10.1.0.1:8080' })).toBe('10.1.0.1:8080');
  });

  it('knows every list of a chain with one list for each endpoint', () => {
    const rules = `*nat
-A PREROUTING -p udp -m recent --name A --rcheck --seconds 10 -j DNAT --to-destination 10.1.0.1
-A PREROUTING -p udp -m recent --name B --rcheck --seconds 10 -j DNAT --to-destination 10.1.0.2
-A PREROUTING -p udp -m statistic --mode random --probability 0.5 -j ACCEPT
-A PREROUTING -p udp -m recent --name A --set -j DNAT --to-destination 10.1.0.1
-A PREROUTING -p udp -m recent --name B --set -j DNAT --to-destination 10.1.0.2
COMMIT
`;
    expect(verdict(rules, { ...client, remembered: '10.1.0.2:80' })).toBe('10.1.0.2:80');
    expect(verdict(rules, client)).toBe('10.1.0.1:80 1/2, pass 1/2');
  });
});
