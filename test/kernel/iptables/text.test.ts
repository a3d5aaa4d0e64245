import fc from 'fast-check';
import { expect, it } from 'vitest';
import { variants, withNamespace } from '../../../scripts/lab/network/tools.ts';
import { printRuleset } from '../../../src/core/iptables/print/print.ts';
import type { IptablesChain, IptablesRule, IptablesRuleset } from '../../../src/core/iptables/ruleset.ts';
import { type IpFamily, ipFamilies } from '../../../src/core/model/address.ts';
import { arbitraryRuleset } from '../../support/arbitrary/iptables/ruleset.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { checkRoundTrip } from '../../support/kernel/round-trip.ts';

const seed = 20_261_123;

/** A ruleset with these rules in a chain of the mangle table, where nearly everything is allowed. */
function mangleRuleset(family: IpFamily, rules: readonly IptablesRule[]): IptablesRuleset {
  return { family, tables: [{ name: 'mangle', chains: [...emptyMangle, { name: 'KUBE-X', rules }] }] };
}

const emptyMangle = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map((name) => ({ name, rules: [] }));

describeKernel('the text of iptables rulesets', () => {
  for (const variant of variants) {
    for (const family of ipFamilies) {
      it(`is what ${family} iptables-${variant} says itself`, async () => {
        await withNamespace(async (namespace) => {
          await fc.assert(
            fc.asyncProperty(arbitraryRuleset(family, 'kernel'), (ruleset) =>
              checkRoundTrip(namespace, variant, ruleset),
            ),
            { seed, numRuns: 60, endOnFailure: true },
          );
        });
      });
    }

    it(`rounds probabilities as iptables-${variant} does`, async () => {
      const ties = [1, 3, 5, 4095].map((odd) => odd * 2 ** 19);
      const shares = Array.from({ length: 300 }, (_, i) => Math.round(2 ** 31 / (i + 2)));
      const rules = [...ties, ...shares, 1, 2 ** 31 - 1].map((random) => ({ match: { random } }));
      await withNamespace((namespace) => checkRoundTrip(namespace, variant, mangleRuleset('IPv4', rules)));
    });

    it(`leaves the policy alone with iptables-${variant} --noflush`, async () => {
      await withNamespace(async (namespace) => {
        await namespace.exec(`iptables-${variant}`, ['-P', 'INPUT', 'DROP']);
        const chains: readonly IptablesChain[] = [
          { name: 'INPUT', rules: [{ match: {}, target: { kind: 'jump', chain: 'KUBE-X' } }] },
          { name: 'KUBE-X', rules: [] },
        ];
        const text = printRuleset({ family: 'IPv4', tables: [{ name: 'filter', chains }] });
        await namespace.restore(variant, 'IPv4', text, { noFlush: true });
        expect(await namespace.save(variant, 'IPv4')).toContain(':INPUT DROP [0:0]\n');
      });
    });
  }
});
