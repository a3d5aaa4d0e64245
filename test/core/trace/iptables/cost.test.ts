import { describe, expect, it } from 'vitest';
import type { IptablesChain, IptablesRule, IptablesRuleset } from '../../../../src/core/iptables/ruleset.ts';
import { compare, one, rational, toNumber } from '../../../../src/core/structures/rational.ts';
import { distance, formatDistribution, mix } from '../../../../src/core/trace/distribution.ts';
import { traceIptables } from '../../../../src/core/trace/iptables/trace.ts';
import { ip } from '../../../support/objects.ts';
import { packetOf, rulesetOf } from '../rules.ts';

const packet = packetOf('10.9.0.1 in eth0 -> 10.0.0.1:80/UDP');
const host = { addresses: [] };

function natRuleset(chains: readonly IptablesChain[]): IptablesRuleset {
  return { family: 'IPv4', tables: [{ name: 'nat', chains }] };
}

describe('the cost of traceIptables', () => {
  it('does not double with each random match whose branches rejoin', () => {
    const draw = '-A FORWARD -m statistic --mode random --probability 0.5 -j MARK --or-mark 0x1\n';
    const rules = `*filter\n${draw.repeat(200)}-A FORWARD -m mark --mark 0x0 -j DROP\nCOMMIT\n`;
    const { distribution } = traceIptables(rulesetOf(rules), packet, host);
    expect(distribution.get('drop')?.probability).toEqual(rational(1n, 2n ** 200n));
  });

  it('does not explode if many paths reach a chain', () => {
    const levels = Array.from({ length: 12 }, (_, i): IptablesChain => {
      const rule: IptablesRule = { match: { random: 2 ** 30 }, target: { kind: 'jump', chain: `L${i + 1}` } };
      return { name: i === 0 ? 'PREROUTING' : `L${i}`, rules: [rule, rule] };
    });
    const last: IptablesChain = { name: 'L12', rules: [] };
    expect(formatDistribution(traceIptables(natRuleset([...levels, last]), packet, host).distribution)).toBe('pass');
  });

  it('grows with the endpoints of a Service, and stays exact', () => {
    const count = 120;
    const addresses = Array.from({ length: count }, (_, i) => ip(`10.1.${Math.floor(i / 250)}.${(i % 250) + 1}`));
    const rules = addresses.map((address, i): IptablesRule => {
      const left = count - i;
      const match = left === 1 ? {} : { random: Math.round(2 ** 31 / left) };
      return { match, target: { kind: 'dnat', address, port: 8080 } };
    });
    const { distribution } = traceIptables(natRuleset([{ name: 'PREROUTING', rules }]), packet, host);
    const fair = mix(
      addresses.map((address) => ({
        probability: rational(1n, BigInt(count)),
        outcome: { kind: 'dnat', endpoint: `${address}:8080`, masquerade: false },
      })),
    );
    expect(distribution.size).toBe(count);
    expect(compare(distance(distribution, fair), rational(BigInt(count), 2n ** 31n))).toBeLessThanOrEqual(0);
    expect(compare(distance(distribution, fair), one)).toBeLessThan(0);
    expect(toNumber(distance(fair, fair))).toBe(0);
  });

  it('depends on the rules walked, not on the ruleset', () => {
    // A chain without a jump to it is never read: its rules would throw.
    const sealed: IptablesChain = {
      name: 'SEALED',
      get rules(): readonly IptablesRule[] {
        throw new Error('walked a chain that no rule leads to');
      },
    };
    const open: IptablesChain = { name: 'PREROUTING', rules: [{ match: {}, target: { kind: 'accept' } }] };
    expect(formatDistribution(traceIptables(natRuleset([sealed, open]), packet, host).distribution)).toBe('pass');
  });
});
