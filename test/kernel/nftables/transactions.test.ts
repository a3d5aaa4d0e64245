import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Namespace, withNamespace } from '../../../scripts/lab/network/tools.ts';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { diffRulesets } from '../../../src/core/nftables/diff/diff.ts';
import { printTransaction } from '../../../src/core/nftables/diff/print.ts';
import { settleSlots } from '../../../src/core/nftables/diff/settle.ts';
import { parseRuleset } from '../../../src/core/nftables/listing/narrow.ts';
import { lower } from '../../../src/core/nftables/lower/lower.ts';
import { printRuleset, printTableName } from '../../../src/core/nftables/print/print.ts';
import type { NftablesRuleset } from '../../../src/core/nftables/ruleset.ts';
import { planFamily } from '../../../src/core/plan/plan.ts';
import { arbitraryConfig, arbitraryObjects } from '../../support/arbitrary/snapshot.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { normalizeRuleset } from '../../support/kernel-model/nftables/same.ts';
import { snapshotOfManifests } from '../../support/objects.ts';

/** A foreign table with the same names as ours. */
const foreign = 'table inet other {\n\tset services {\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.1 }\n\t}\n}\n';

async function nft(namespace: Namespace, text: string): Promise<void> {
  await namespace.exec('nft', ['-f', '-'], { input: text });
}

/** What the kernel has says what was wanted. */
async function checkKernel(namespace: Namespace, wanted: NftablesRuleset): Promise<void> {
  const text = await namespace.exec('nft', ['list', 'table', ...printTableName(wanted.family).split(' ')]);
  const { ruleset, problems } = parseRuleset(wanted.family, text);
  expect(problems).toEqual([]);
  expect(printRuleset(normalizeRuleset(ruleset))).toBe(printRuleset(normalizeRuleset(wanted)));
  expect(diffRulesets(ruleset, wanted).operations).toEqual([]);
}

/** Some clusters, one after the other on one node. */
const arbitraryWalk = fc.array(fc.tuple(arbitraryObjects, arbitraryConfig), { minLength: 3, maxLength: 3 });

describeKernel('transactions for nft -f', () => {
  for (const family of ipFamilies) {
    it(`lead from one ${family} ruleset to the next`, { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryWalk, (states) =>
          withNamespace(async (namespace) => {
            await nft(namespace, foreign);
            let last: NftablesRuleset | undefined;
            for (const [objects, config] of states) {
              const { plan } = planFamily(snapshotOfManifests(objects), { ...config, mode: 'nftables' }, family);
              const wanted = settleSlots(last, lower(plan));
              const transaction = diffRulesets(last, wanted);
              if (transaction.operations.length > 0) await nft(namespace, printTransaction(transaction));
              await checkKernel(namespace, wanted);
              last = wanted;
            }
            // What is there is replaced, whatever it is.
            const [objects, config] = states[0] ?? expect.fail('no state');
            const { plan } = planFamily(snapshotOfManifests(objects), { ...config, mode: 'nftables' }, family);
            const first = lower(plan);
            await nft(namespace, printTransaction(diffRulesets(undefined, first)));
            await checkKernel(namespace, first);
            await nft(namespace, printTransaction(diffRulesets(first, undefined)));
            expect(await namespace.exec('nft', ['list', 'ruleset'])).toBe(foreign);
          }),
        ),
        { seed: 20_261_202, numRuns: 10, endOnFailure: true },
      );
    });
  }
});
