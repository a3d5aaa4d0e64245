import { describe, expect, it } from 'vitest';
import type { IptablesRuleset } from '../../../../src/core/iptables/ruleset.ts';
import { formatDistribution } from '../../../../src/core/trace/distribution.ts';
import { traceIptables } from '../../../../src/core/trace/iptables/trace.ts';
import { packetOf, rulesetOf } from '../rules.ts';

const host = { addresses: [] };
const packet = packetOf('10.9.0.1 in eth0 -> 10.0.0.1:80/UDP');

/** The verdict and what could not be told on the way. */
function trace(ruleset: IptablesRuleset): readonly string[] {
  const { distribution, problems } = traceIptables(ruleset, packet, host);
  return [
    formatDistribution(distribution),
    ...problems.map(({ kind, table, chain, rule, detail }) => `${kind} ${table} ${chain} ${rule}: ${detail}`),
  ];
}

describe('traceIptables reports', () => {
  it('a match without a model, and continues as if it did not match', () => {
    const rules = '*filter\n-A FORWARD -p udp -m set --match-set friends src -j DROP\nCOMMIT\n';
    expect(trace(rulesetOf(rules))).toEqual(['pass', 'opaqueMatch filter FORWARD 0: -m set --match-set friends src']);
  });

  it('no match without a model where the rest of the rule fails anyway', () => {
    for (const part of ['-p tcp', '-o lo']) {
      const rules = `*filter\n-A FORWARD ${part} -m set --match-set friends src -j DROP\nCOMMIT\n`;
      expect(trace(rulesetOf(rules))).toEqual(['pass']);
    }
  });

  it('a target without a model', () => {
    const rules = '*nat\n-A POSTROUTING -j SNAT --to-source 192.0.2.1\nCOMMIT\n';
    expect(trace(rulesetOf(rules))).toEqual(['pass', 'opaqueTarget nat POSTROUTING 0: SNAT --to-source 192.0.2.1']);
  });

  it('an output interface that only routing knows', () => {
    const rules = '*filter\n-A FORWARD -o cni0 -j DROP\nCOMMIT\n';
    expect(trace(rulesetOf(rules))).toEqual(['pass', 'unknownInterface filter FORWARD 0: cni0']);
  });

  it('no output interface that certainly differs', () => {
    const rules = '*filter\n-A FORWARD -o lo -j DROP\n-A FORWARD ! -o lo -j ACCEPT\nCOMMIT\n';
    expect(trace(rulesetOf(rules))).toEqual(['accept']);
  });

  it('a rule once, even if many paths meet it', () => {
    const rules = `*filter
:A - [0:0]
-A FORWARD -m statistic --mode random --probability 0.5 -j MARK --set-mark 0x1
-A FORWARD -j A
-A FORWARD -j A
-A A -j LOG
COMMIT
`;
    expect(trace(rulesetOf(rules))).toEqual(['pass', 'opaqueTarget filter A 0: LOG']);
  });

  it('a missing chain', () => {
    const chains = [{ name: 'FORWARD', rules: [{ match: {}, target: { kind: 'jump', chain: 'A' } as const }] }];
    const ruleset: IptablesRuleset = { family: 'IPv4', tables: [{ name: 'filter', chains }] };
    expect(trace(ruleset)).toEqual(['pass', 'missingChain filter FORWARD 0: A']);
  });

  it('a loop of jumps or gotos, and ends', () => {
    const loop = (kind: 'jump' | 'goto'): IptablesRuleset => {
      const to = (chain: string) => ({ match: { random: 2 ** 30 }, target: { kind, chain } });
      const chains = [
        { name: 'FORWARD', rules: [to('A')] },
        { name: 'A', rules: [to('B')] },
        { name: 'B', rules: [to('A'), to('B')] },
      ];
      return { family: 'IPv4', tables: [{ name: 'filter', chains }] };
    };
    for (const kind of ['jump', 'goto'] as const) {
      expect(trace(loop(kind))).toEqual(['pass', 'loop filter B 0: A', 'loop filter B 1: B']);
    }
  });

  it('DNAT and MASQUERADE where the kernel does not allow them', () => {
    const rules = `*nat
-A PREROUTING -j MASQUERADE
-A POSTROUTING -j DNAT --to-destination 10.1.0.1
COMMIT
*filter
-A FORWARD -j DNAT --to-destination 10.1.0.1
COMMIT
`;
    expect(trace(rulesetOf(rules))).toEqual([
      'pass',
      'misplacedTarget nat PREROUTING 0: masquerade',
      'misplacedTarget filter FORWARD 0: dnat',
      'misplacedTarget nat POSTROUTING 0: dnat',
    ]);
  });
});
