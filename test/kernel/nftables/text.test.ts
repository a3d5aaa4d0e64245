import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withNamespace } from '../../../scripts/lab/network/tools.ts';
import { ipFamilies } from '../../../src/core/model/address.ts';
import { parseRuleset } from '../../../src/core/nftables/listing/narrow.ts';
import { printRuleset, printTableName } from '../../../src/core/nftables/print/print.ts';
import { arbitraryRuleset } from '../../support/arbitrary/nftables/ruleset.ts';
import { describeKernel } from '../../support/kernel/describe.ts';
import { normalizeRuleset, sameRuleset } from '../../support/kernel-model/nftables/same.ts';

const seed = 20_261_123;

/** The chains, which come after all sets. nft writes the highest bit of the mark as a prefix, which few understand. */
function chainsIn(text: string): string {
  return text.slice(text.indexOf('\tchain ')).replaceAll('mark != 0x00000000/1', 'mark & 0x80000000 != 0x00000000');
}

describeKernel('the text of nftables rulesets', () => {
  for (const family of ipFamilies) {
    it(`is what nft says itself of ${family}`, async () => {
      await withNamespace(async ({ exec }) => {
        await fc.assert(
          fc.asyncProperty(arbitraryRuleset(family), async (ruleset) => {
            const text = printRuleset(ruleset);
            await exec('nft', ['-f', '-'], { input: text });
            const listed = await exec('nft', ['list', 'table', ...printTableName(family).split(' ')]);
            const parsed = parseRuleset(family, listed);
            expect(parsed.problems).toStrictEqual([]);
            expect(normalizeRuleset(parsed.ruleset)).toStrictEqual(normalizeRuleset(ruleset));
            expect(chainsIn(listed)).toBe(chainsIn(text));
          }),
          { seed, numRuns: 60, endOnFailure: true },
        );
      });
    });
  }

  it('is read with handles, and without the clients that the kernel learned', async () => {
    const [ruleset] = fc.sample(arbitraryRuleset('IPv4'), { seed, numRuns: 1 });
    if (ruleset === undefined) expect.fail('no sample');
    await withNamespace(async ({ exec }) => {
      await exec('nft', ['-f', '-'], { input: printRuleset(ruleset) });
      await exec('nft', ['add element ip rulewright clients-1 { 10.0.0.1, 10.0.0.2 timeout 5m }']);
      const listed = await exec('nft', ['-a', 'list', 'table', 'ip', 'rulewright']);
      expect(listed).toMatch(/10\.0\.0\.1 expires/);
      const { ruleset: parsed, problems } = parseRuleset('IPv4', listed);
      expect(problems).toStrictEqual([]);
      expect(sameRuleset(parsed, ruleset)).toBe(true);
    });
  });

  it('keeps other tables, and removes earlier chains of ours', async () => {
    await withNamespace(async ({ exec }) => {
      await exec('nft', ['-f', '-'], { input: 'table ip other {\n}\ntable ip rulewright {\nchain old {\n}\n}\n' });
      await exec('nft', ['-f', '-'], { input: printRuleset({ family: 'IPv4', sets: [], chains: [] }) });
      expect(await exec('nft', ['list', 'ruleset'])).toBe('table ip other {\n}\ntable ip rulewright {\n}\n');
    });
  });
});
