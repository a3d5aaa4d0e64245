import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Namespace, type Variant, variants, withNamespace } from '../../../scripts/lab/network/tools.ts';
import { sharedChains } from '../../../src/core/iptables/chain-owners.ts';
import { diffRulesets } from '../../../src/core/iptables/diff/diff.ts';
import { printTransaction } from '../../../src/core/iptables/diff/print.ts';
import { parseRuleset } from '../../../src/core/iptables/listing/parse.ts';
import { lower } from '../../../src/core/iptables/lower/lower.ts';
import type { IptablesRule, IptablesRuleset } from '../../../src/core/iptables/ruleset.ts';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { arbitraryConfig, arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { snapshotOfManifests } from '../../support/objects.ts';

/** What others may have in the same tables: rules around ours, chains, and a use of a chain that is shared. */
const foreign = `*nat
:FOREIGN - [0:0]
:KUBE-MARK-MASQ - [0:0]
-A FOREIGN -p tcp -m tcp --dport 22 -j RETURN
-A FOREIGN -p tcp -m tcp --dport 8080 -j KUBE-MARK-MASQ
-A PREROUTING -j FOREIGN
-A POSTROUTING -o eth7 -j MASQUERADE
COMMIT
*filter
:FOREIGN - [0:0]
:KUBE-FIREWALL - [0:0]
-A KUBE-FIREWALL -m comment --comment "the kubelet's" -j RETURN
-A FOREIGN -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -j FOREIGN
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -j FOREIGN
-A OUTPUT -j FOREIGN
COMMIT
`;

type Chains = Readonly<Record<string, readonly IptablesRule[]>>;

function chainsOf({ tables }: IptablesRuleset): Chains {
  return Object.fromEntries(
    tables.flatMap(({ name: table, chains }) => chains.map(({ name, rules }) => [`${table} ${name}`, rules] as const)),
  );
}

function isOurChain(key: string): boolean {
  const name = key.split(' ')[1] ?? '';
  return name.startsWith('KUBE-') && !sharedChains.has(name);
}

function isOurJump({ target }: IptablesRule): boolean {
  return target?.kind === 'jump' && target.chain.startsWith('KUBE-');
}

/** The kernel has our chains and jumps as in `wanted`, jumps before all other rules, and what it had of others. */
async function checkKernel(
  namespace: Namespace,
  variant: Variant,
  family: IpFamily,
  wanted: IptablesRuleset | undefined,
) {
  const { ruleset, problems } = parseRuleset(family, await namespace.save(variant, family));
  expect(problems).toEqual([]);
  const found = chainsOf(ruleset);
  const expected = wanted === undefined ? {} : chainsOf(wanted);
  const ourKeys = (chains: Chains) => Object.keys(chains).filter(isOurChain).sort();
  expect(ourKeys(found)).toEqual(ourKeys(expected));
  for (const [key, rules] of Object.entries(expected)) {
    if (rules.length === 0 && found[key] === undefined) continue;
    const [ours, theirs] = [found[key]?.slice(0, rules.length), found[key]?.slice(rules.length)];
    expect({ key, rules: ours }).toEqual({ key, rules });
    expect(theirs?.filter(isOurJump)).toEqual([]);
  }
  const others = chainsOf(parseRuleset(family, foreign).ruleset);
  for (const [key, rules] of Object.entries(others)) {
    if (key.includes(' KUBE-')) continue;
    const isKept = (rule: IptablesRule): boolean => key.endsWith(' FOREIGN') || !isOurJump(rule);
    expect({ key, rules: found[key]?.filter(isKept) }).toEqual({ key, rules });
  }
}

/** A walk through a few clusters on one node: from nothing, from each to the next, and back to nothing. */
const arbitraryWalk = fc.array(fc.tuple(arbitraryObjects, arbitraryConfig), { minLength: 3, maxLength: 3 });

describeKernel('transactions for iptables-restore --noflush', () => {
  for (const variant of variants) {
    for (const family of ipFamilies) {
      it(`lead from one ruleset to the next with ${family} iptables-${variant}`, { timeout: 300_000 }, async () => {
        await fc.assert(
          fc.asyncProperty(arbitraryWalk, (states) =>
            withNamespace(async (namespace) => {
              await namespace.restore(variant, family, foreign);
              let last: IptablesRuleset | undefined;
              const rulesets = states.map(([objects, config]) =>
                lower(
                  planFamily(snapshotOfManifests(objects), { ...config, nfacct: false }, family).plan,
                  config.layout,
                ),
              );
              for (const wanted of [...rulesets, undefined]) {
                const text = printTransaction(diffRulesets(last, wanted));
                await namespace.restore(variant, family, text, { noFlush: true });
                await checkKernel(namespace, variant, family, wanted);
                last = wanted;
              }
            }),
          ),
          { seed: 20_261_202, numRuns: 8, endOnFailure: true },
        );
      });
    }
  }
});
