import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRulewrights } from '../../../src/core/iptables/chain-owners.ts';
import { parseRuleset } from '../../../src/core/iptables/listing/parse.ts';
import { lower } from '../../../src/core/iptables/lower/lower.ts';
import { printRuleset } from '../../../src/core/iptables/print/print.ts';
import { removeProxyRules } from '../../../src/core/iptables/removal.ts';
import type { IptablesRuleset } from '../../../src/core/iptables/ruleset.ts';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { arbitraryConfig, arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { applyTransaction } from '../../support/kernel-model/iptables/apply.ts';
import { snapshotOfManifests } from '../../support/objects.ts';

/** Rules of others, some of which look like ours. */
const foreignText = `*nat
:CNI-HOSTPORT-DNAT - [0:0]
:KUBE-POSTROUTING-X - [0:0]
:KUBE-SVCX - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A POSTROUTING -m comment --comment "jumps to KUBE-SERVICES? -j KUBE-SERVICES" -j KUBE-POSTROUTING-X
COMMIT
*filter
:KUBE-ROUTER-INPUT - [0:0]
:f2b-sshd - [0:0]
-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-A INPUT -j KUBE-ROUTER-INPUT
-A f2b-sshd -j RETURN
COMMIT
`;

/** The rules by table and chain, without chains of the kernel that are empty. */
function contents({ tables }: IptablesRuleset): Readonly<Record<string, unknown>> {
  const chains = tables.flatMap((table) => table.chains.map(({ name, rules }) => [`${table.name} ${name}`, rules]));
  return Object.fromEntries(
    chains.filter(([name, rules]) => (rules?.length ?? 0) > 0 || !/ [A-Z]+$/.test(String(name))),
  );
}

/** Both in one, as if one had been loaded after the other without flushing. */
function together(a: IptablesRuleset, b: IptablesRuleset): IptablesRuleset {
  const { ruleset, problems } = parseRuleset(
    a.family,
    printRuleset(a) + printRuleset(b).replaceAll(/^:[A-Z]+ .*\n/gm, ''),
  );
  expect(problems).toEqual([]);
  return ruleset;
}

describe('removeProxyRules', () => {
  it('takes out whatever rulewright puts in, and nothing else', () => {
    fc.assert(
      fc.property(arbitraryObjects, arbitraryConfig, fc.constantFrom(...ipFamilies), (objects, config, family) => {
        const foreign = parseRuleset(family, foreignText).ruleset;
        const { plan } = planFamily(snapshotOfManifests(objects), config, family);
        const all = together(foreign, lower(plan, config.layout));
        expect(isRulewrights(all)).toBe(true);
        const { transaction, left } = removeProxyRules({ ruleset: all, problems: [] });
        const after = applyTransaction(all, transaction);
        expect(contents(after)).toEqual(contents(foreign));
        expect(left).toEqual([]);
        expect(isRulewrights(after)).toBe(false);
        expect(removeProxyRules({ ruleset: after, problems: [] }).transaction.commits).toEqual([]);
      }),
      { seed: 20_261_126, numRuns: 100 },
    );
  });

  it.each(['KUBE-MARK-MASQ', 'KUBE-FORWARD'])('keeps %s while another program jumps to it', (chain) => {
    const text = (jump: string) => `*filter\n:${chain} - [0:0]\n:own - [0:0]\n-A ${chain} -j ACCEPT\n${jump}\nCOMMIT\n`;
    const isShared = chain === 'KUBE-MARK-MASQ';
    for (const [jump, user] of [
      [`-A own -g ${chain}`, 'the chain own'],
      [`-A own -m comment --comment "not closed -j ${chain}`, 'a rule that rulewright cannot read'],
    ] as const) {
      const parsed = parseRuleset('IPv4', text(jump));
      const { transaction, left, removed } = removeProxyRules(parsed);
      expect(left).toEqual([{ table: 'filter', chain, why: `${user} jumps to it` }]);
      expect(removed).toEqual([]);
      const operations = transaction.commits.flatMap((commit) => commit.operations);
      expect(operations).toEqual(isShared ? [] : [{ kind: 'flushChain', chain }]);
    }
  });

  it('keeps KUBE-FIREWALL with its jumps only where there is a kubelet', () => {
    const text = (more: string) => `*filter\n:KUBE-FIREWALL - [0:0]\n-A INPUT -j KUBE-FIREWALL\n${more}COMMIT\n`;
    const alone = removeProxyRules(parseRuleset('IPv4', text('')));
    expect(alone.removed).toEqual([{ table: 'filter', chains: ['KUBE-FIREWALL'], jumps: 1 }]);
    const beside = removeProxyRules(parseRuleset('IPv4', `${text('')}*mangle\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT\n`));
    expect(beside.transaction.commits).toEqual([]);
    expect(beside.left).toEqual([{ table: 'filter', chain: 'KUBE-FIREWALL', why: "it is the kubelet's too" }]);
  });
});

it.each([
  ['nat', 'KUBE-SVC-RULEWRIGHT', true],
  ['filter', 'KUBE-SVC-RULEWRIGHT', false],
  ['nat', 'KUBE-SERVICES', false],
])("tells by a marker that rules are rulewright's: %s %s", (table, chain, expected) => {
  expect(isRulewrights(parseRuleset('IPv4', `*${table}\n:${chain} - [0:0]\nCOMMIT\n`).ruleset)).toBe(expected);
});
