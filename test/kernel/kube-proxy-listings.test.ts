import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { withNamespace } from '../../scripts/lab/network/tools.ts';
import { parseRuleset } from '../../src/core/iptables/listing/parse.ts';
import { parseTables } from '../../src/core/nftables/listing/parse.ts';
import type { ForeignRuleset } from '../../src/core/nftables/listing/ruleset.ts';
import { describeKernel } from '../support/kernel/describe.ts';

function dumpOf(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../golden/explain/${name}/dump.txt`, import.meta.url)), 'utf8');
}

function onlyTable(text: string): ForeignRuleset {
  const { tables, problems, others } = parseTables(text);
  expect([problems, others, tables.map((table) => table.problems)]).toEqual([[], [], [[]]]);
  const [table] = tables;
  if (table === undefined) expect.fail('no table');
  return table.ruleset;
}

/** Sets in the order of their names; the kernel gives their elements in any order, and time goes by. */
function comparable({ family, sets, chains }: ForeignRuleset) {
  const byName = sets.map(({ groups, learned: _, ...set }) => ({
    ...set,
    elements: groups
      .flat()
      .flatMap(({ elements }) => elements.map((element) => JSON.stringify(element)))
      .sort(),
  }));
  return {
    family,
    sets: byName.sort((a, b) => (a.name < b.name ? -1 : 1)),
    chains: chains.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

describeKernel("kube-proxy's shapes in golden/explain", () => {
  it('equal the listing of nft', async () => {
    const text = dumpOf('kube-proxy-nftables-alone');
    await withNamespace(async ({ exec }) => {
      await exec('nft', ['-f', '-'], { input: text });
      for (const options of [[], ['--handle']]) {
        const listed = await exec('nft', [...options, 'list', 'ruleset']);
        expect(comparable(onlyTable(listed))).toEqual(comparable(onlyTable(text)));
      }
    });
  });

  it('equal the output of iptables-save', async () => {
    // An nfacct object would have to be made first, by a tool that few machines have.
    const text = dumpOf('kube-proxy-iptables-agrees').replace(/ -m nfacct --nfacct-name {2}\S+/, '');
    await withNamespace(async ({ restore, save }) => {
      await restore('legacy', 'IPv4', text);
      const [wanted, seen] = [parseRuleset('IPv4', text), parseRuleset('IPv4', await save('legacy', 'IPv4'))];
      expect([wanted.problems, seen.problems]).toEqual([[], []]);
      for (const table of wanted.ruleset.tables) expect(seen.ruleset.tables).toContainEqual(table);
    });
  });
});
