import { expect, it } from 'vitest';
import { type IpFamily, ipFamilies } from '../../src/core/model/address.ts';
import { parseRuleset } from '../../src/core/nftables/listing/narrow.ts';
import { printRules, type Rules } from '../../src/core/rules.ts';
import { goldenCases, variants as goldenVariants, readGoldenCase } from '../support/golden-case.ts';
import { describeKernel, variants, withNamespace } from '../support/kernel.ts';
import { sameRuleset } from '../support/kernel-model/nftables/same.ts';
import { checkRoundTrip } from '../support/round-trip.ts';

describeKernel('every golden ruleset', () => {
  for (const family of ipFamilies) {
    for (const variant of variants) {
      it(`is accepted by ${family} iptables-${variant} and comes back the same`, { timeout: 300_000 }, async () => {
        const rulesets = (await goldenRules(family)).flatMap((rules) =>
          rules.mode === 'iptables' ? [rules.ruleset] : [],
        );
        expect(rulesets.length).toBeGreaterThan(20);
        await withNamespace(async (namespace) => {
          for (const ruleset of rulesets) await checkRoundTrip(namespace, variant, ruleset);
        });
      });
    }

    it(`is accepted by nft for ${family} and comes back the same`, { timeout: 300_000 }, async () => {
      const table = ['table', family === 'IPv4' ? 'ip' : 'ip6', 'rulewright'];
      const all = (await goldenRules(family)).filter(({ mode }) => mode === 'nftables');
      expect(all.length).toBeGreaterThan(20);
      await withNamespace(async (namespace) => {
        for (const rules of all) {
          await namespace.exec('nft', ['-f', '-'], { input: printRules(rules) });
          const { ruleset, problems } = parseRuleset(family, await namespace.exec('nft', ['list', ...table]));
          expect(problems).toEqual([]);
          expect(rules.mode === 'nftables' && sameRuleset(ruleset, rules.ruleset)).toBe(true);
        }
      });
    });
  }
});

/** The rules of all cases in all variants, each different one once: many say nothing in one of the families. */
async function goldenRules(family: IpFamily): Promise<readonly Rules[]> {
  const cases = await Promise.all(goldenCases().map(readGoldenCase));
  const all = cases.flatMap(({ compilations }) =>
    goldenVariants.flatMap(({ name }) => compilations[name].rules[family] ?? []),
  );
  return [...new Map(all.map((rules) => [printRules(rules), rules])).values()];
}
