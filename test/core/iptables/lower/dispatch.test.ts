import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dispatch, type KeyedRule, treeDispatch } from '../../../../src/core/iptables/lower/dispatch.ts';
import {
  addressDigits,
  addressSpace,
  portSpace,
  protocolPortDigits,
} from '../../../../src/core/iptables/lower/key-spaces.ts';
import { maxChainNameLength } from '../../../../src/core/iptables/names.ts';
import type { IptablesRule } from '../../../../src/core/iptables/ruleset.ts';
import {
  addressFromBits,
  addressWidth,
  type IpAddress,
  type IpFamily,
  ipFamilies,
} from '../../../../src/core/model/address.ts';
import { cidrContains, hostCidr } from '../../../../src/core/model/cidr.ts';

function addressRules(bits: readonly bigint[], family: IpFamily): readonly KeyedRule[] {
  return bits.map((each) => {
    const address = addressFromBits(family, each);
    return {
      digits: addressDigits(address, family),
      rule: { match: { destination: { value: hostCidr(address) } }, target: { kind: 'drop' } },
    };
  });
}

/** How many rules a packet is compared with, and which drop rule it meets. */
function walk({ rules, chains }: Dispatch, address: IpAddress): { steps: number; found: IptablesRule | undefined } {
  const byName = new Map(chains.map((chain) => [chain.name, chain.rules]));
  let steps = 0;
  const visit = (list: readonly IptablesRule[]): IptablesRule | undefined => {
    for (const rule of list) {
      steps += 1;
      const block = rule.match.destination?.value;
      if (block === undefined || !cidrContains(block, address)) continue;
      const found = rule.target?.kind === 'jump' ? visit(byName.get(rule.target.chain) ?? []) : rule;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = visit(rules);
  return { steps, found };
}

describe('treeDispatch', () => {
  for (const family of ipFamilies) {
    const width = addressWidth(family);
    const anyBits = fc.bigInt({ min: 0n, max: 2n ** BigInt(width) - 1n });
    // Close neighbours make deep trees, which addresses drawn from the whole space never do.
    const crowdedBits = fc.bigInt({ min: 0n, max: 2n ** 9n - 1n });

    it(`finds the rule of every ${family} address and none for others`, () => {
      fc.assert(
        fc.property(
          fc.uniqueArray(fc.oneof(anyBits, crowdedBits), { minLength: 1, maxLength: 300, size: 'max' }),
          fc.oneof(anyBits, crowdedBits),
          (bits, stranger) => {
            const rules = addressRules(bits, family);
            const dispatch = treeDispatch(rules, addressSpace('KUBE-SVCS-', family));
            for (const [i, each] of bits.entries()) {
              expect(walk(dispatch, addressFromBits(family, each)).found).toBe(rules[i]?.rule);
            }
            const isKnown = bits.includes(stranger);
            expect(walk(dispatch, addressFromBits(family, stranger)).found !== undefined).toBe(isKnown);
          },
        ),
        { numRuns: 50 },
      );
    });

    it(`names ${family} chains within the kernel's limit, each once`, () => {
      const bits = Array.from({ length: 2000 }, (_, i) => BigInt(i * 131) << BigInt(width - 24));
      const { chains } = treeDispatch(addressRules(bits, family), addressSpace('KUBE-SVCS-', family));
      const names = chains.map(({ name }) => name);
      expect(names.length).toBeGreaterThan(50);
      expect(new Set(names).size).toBe(names.length);
      expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(maxChainNameLength);
    });
  }

  it('compares a packet with a few dozen rules although there are 10,000', () => {
    const bits = Array.from({ length: 10_000 }, (_, i) => BigInt(0x0a600000 + ((i * 700_001) % 2 ** 20)));
    const dispatch = treeDispatch(addressRules(bits, 'IPv4'), addressSpace('KUBE-SVCS-', 'IPv4'));
    const steps = bits.map((each) => walk(dispatch, addressFromBits('IPv4', each)).steps);
    expect(Math.max(...steps)).toBeLessThan(100);
  });

  it('keeps many ports of one address in one list, since no digit tells them apart', () => {
    const rules = Array.from({ length: 40 }, () => addressRules([1n], 'IPv4')).flat();
    expect(treeDispatch(rules, addressSpace('KUBE-SVCS-', 'IPv4'))).toMatchObject({ chains: [] });
  });

  it('finds every NodePort of every protocol and none beside it', () => {
    const wanted = ['TCP', 'UDP', 'SCTP'] as const;
    const ports = Array.from({ length: 400 }, (_, i) => 1 + ((i * 163) % 65_535));
    const rules = wanted.flatMap((protocol) =>
      ports.map((port): KeyedRule => {
        const match = { protocol, destinationPort: { from: port, to: port } };
        return { digits: protocolPortDigits(protocol, port), rule: { match, target: { kind: 'drop' } } };
      }),
    );
    const dispatch = treeDispatch(rules, portSpace('KUBE-NPTS-'));
    expect(dispatch.chains.every(({ name }) => name.length <= maxChainNameLength)).toBe(true);
    const byName = new Map(dispatch.chains.map((chain) => [chain.name, chain.rules]));
    const find = (list: readonly IptablesRule[], protocol: string, port: number): IptablesRule | undefined => {
      for (const rule of list) {
        const { from, to } = rule.match.destinationPort ?? { from: 1, to: 65_535 };
        if (rule.match.protocol !== protocol || port < from || port > to) continue;
        const found = rule.target?.kind === 'jump' ? find(byName.get(rule.target.chain) ?? [], protocol, port) : rule;
        if (found !== undefined) return found;
      }
      return undefined;
    };
    for (const [i, { rule }] of rules.entries()) {
      const protocol = rule.match.protocol ?? '';
      const port = rule.match.destinationPort?.from ?? 0;
      expect(find(dispatch.rules, protocol, port), `rule ${i}`).toBe(rule);
      if (!ports.includes(port + 1)) expect(find(dispatch.rules, protocol, port + 1)).toBeUndefined();
    }
  });
});
