import { expect, it } from 'vitest';
import { type IpFamily, ipFamilies } from '../../src/core/model/address.ts';
import { goldenCases, layouts, readGoldenCase } from '../support/golden-case.ts';
import { describeKernel, variants, withNamespace } from '../support/kernel.ts';
import { checkRoundTrip } from '../support/round-trip.ts';

describeKernel('every golden ruleset', () => {
  for (const variant of variants) {
    for (const family of ipFamilies) {
      it(`is accepted by ${family} iptables-${variant} and comes back the same`, { timeout: 300_000 }, async () => {
        const rulesets = await goldenRulesets(family);
        expect(rulesets.length).toBeGreaterThan(20);
        await withNamespace(async (namespace) => {
          for (const ruleset of rulesets) await checkRoundTrip(namespace, variant, ruleset);
        });
      });
    }
  }
});

/** The rulesets of all cases in both layouts, each different one once: many say nothing in one of the families. */
async function goldenRulesets(family: IpFamily) {
  const cases = await Promise.all(goldenCases().map(readGoldenCase));
  const rulesets = cases.flatMap(({ compilations }) =>
    layouts.flatMap((each) => compilations[each].rulesets[family] ?? []),
  );
  return [...new Map(rulesets.map((ruleset) => [JSON.stringify(ruleset), ruleset])).values()];
}
