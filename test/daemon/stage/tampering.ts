/** What others do to our rules, by mode: administrators, and programs that think the tables are theirs. */
import type { Namespace, Variant } from '../../../scripts/lab/network/tools.ts';
import { type Mode, variantOf } from './proxy.ts';

export interface Tampering {
  readonly name: string;
  readonly run: (node: Namespace) => Promise<void>;
}

export function tamperings(mode: Mode): readonly Tampering[] {
  if (mode === 'nftables') return nftTamperings;
  return iptablesTamperings(variantOf(mode));
}

const nftTamperings: readonly Tampering[] = [
  nft('the whole ruleset is flushed', 'flush ruleset'),
  nft('our table is deleted', 'delete table ip rulewright'),
  nft('our table of the other family is deleted', 'delete table ip6 rulewright'),
  nft('a chain is flushed', 'flush chain ip rulewright services'),
  nft('a base chain is flushed', 'flush chain ip rulewright nat-prerouting'),
  nft('all elements of a map are gone', 'flush map ip rulewright services'),
];

function nft(name: string, command: string): Tampering {
  return {
    name,
    run: async ({ exec }) => {
      await exec('nft', [command]);
    },
  };
}

/** As firewalld writes its tables: everything that is not in the text is gone. */
const reload = ['filter', 'nat']
  .map((table) => `*${table}\n:OTHERS - [0:0]\n-A OUTPUT -j OTHERS\n-A OTHERS -s 198.51.100.7/32 -j RETURN\nCOMMIT\n`)
  .join('');

function iptablesTamperings(variant: Variant): readonly Tampering[] {
  const command = `iptables-${variant}`;
  const run = (name: string, ...lines: readonly string[]): Tampering => ({
    name,
    run: async ({ exec }) => {
      for (const line of lines) await exec(command, line.split(' '));
    },
  });
  return [
    run('table nat is flushed', '-t nat -F'),
    run('tables nat and filter are emptied', '-t nat -F', '-t nat -X', '-F', '-X'),
    run('a chain is flushed', '-t nat -F KUBE-SERVICES'),
    run('a jump is deleted', '-t nat -D PREROUTING 1'),
    {
      name: 'all chains of the other family are flushed',
      run: async ({ exec }) => {
        await exec(`ip6tables-${variant}`, ['-t', 'nat', '-F']);
      },
    },
    { name: 'both tables are written anew', run: (node) => node.restore(variant, 'IPv4', reload) },
  ];
}
