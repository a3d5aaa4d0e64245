import { expect, it } from 'vitest';
import { goldenCases, readGoldenCase } from '../../../scripts/lab/golden/case.ts';
import { isOurChain } from '../../../src/core/iptables/chain-owners.ts';
import { builtInChains } from '../../../src/core/iptables/options.ts';

const ownership = { ownsFirewall: true };

it('takes every chain that the compiler makes for ours', { timeout: 60_000 }, async () => {
  let count = 0;
  for (const name of goldenCases()) {
    const { compilations } = await readGoldenCase(name);
    for (const variant of ['iptables', 'iptables-kube-proxy'] as const) {
      for (const rules of [compilations[variant].rules.IPv4, compilations[variant].rules.IPv6]) {
        if (rules?.mode !== 'iptables') continue;
        for (const { name: table, chains } of rules.ruleset.tables) {
          const made = chains.filter((chain) => !builtInChains[table].includes(chain.name));
          count += made.length;
          expect(made.filter((chain) => !isOurChain(table, chain.name, ownership))).toEqual([]);
        }
      }
    }
  }
  expect(count).toBeGreaterThan(1000);
});

it.each([
  ['nat', 'KUBE-KUBELET-CANARY'],
  ['nat', 'KUBE-PROXY-CANARY'],
  ['nat', 'KUBE-MARK-DROP'],
  ['mangle', 'KUBE-SERVICES'],
  ['nat', 'CNI-HOSTPORT-DNAT'],
  ['nat', 'KUBE-SVC'],
  ['nat', 'MY-KUBE-SVC-X'],
  ['nat', 'PREROUTING'],
] as const)('does not take %s %s for ours', (table, chain) => {
  expect(isOurChain(table, chain, ownership)).toBe(false);
});
