import { join } from 'node:path';
import type { Backend, LoadPlace, RuleCounts, Texts } from './backend.ts';
import { CommandFailed, run } from './exec.ts';

const programs = {
  nft: { IPv4: 'iptables-nft', IPv6: 'ip6tables-nft' },
  legacy: { IPv4: 'iptables-legacy', IPv6: 'ip6tables-legacy' },
} as const;

type Variant = keyof typeof programs;

export function iptablesBackend(variant: Variant): Backend {
  return {
    // `iptables-nft-restore v1.8.9 (nf_tables)`
    version: async () =>
      (await run(`${programs[variant].IPv4}-restore`, ['--version'])).replace(/^\S+/, 'iptables').trim(),
    // Each table is replaced as a whole in one commit.
    load: (rules, place) => restore(variant, [], { rules, place }),
    // Chains that the text does not name stay.
    change: (rules, place) => restore(variant, ['--noflush'], { rules, place }),
    list: (place) => save(variant, place),
    listCommand: `${programs[variant].IPv4}-save`,
    count: countRules,
  };
}

interface Restored {
  readonly rules: Texts;
  readonly place: LoadPlace;
}

/** The lock is our own: nobody waits for us, nor we for them. */
async function restore(variant: Variant, args: readonly string[], { rules, place }: Restored): Promise<void> {
  const { namespace, folder, families } = place;
  for (const family of families.filter((each) => rules[each] !== '')) {
    const input = `${rules[family]}\n`;
    const env = { XTABLES_LOCKFILE: join(folder, 'xtables.lock') };
    const program = `${programs[variant][family]}-restore`;
    await run('ip', ['netns', 'exec', namespace, program, ...args], { input, env }).catch((error: unknown) => {
      if (!(error instanceof CommandFailed)) throw error;
      const other = variant === 'nft' ? 'legacy' : 'nft';
      throw new Error(`${program} did not take the rules (--iptables ${other} is the other one):\n${error.stderr}`);
    });
  }
}

async function save(variant: Variant, { namespace, families }: LoadPlace): Promise<string> {
  const commands = families.map((family) => `${programs[variant][family]}-save`);
  return (await Promise.all(commands.map((command) => run('ip', ['netns', 'exec', namespace, command])))).join('\n');
}

/** By table, in the text's order. Chains of our own only, not the built-in ones, which have a policy or none to set. */
function countRules(text: string): RuleCounts[] {
  return text
    .split(/^\*/m)
    .slice(1)
    .map((section) => {
      const lines = section.split('\n');
      const chains = lines.filter((line) => line.startsWith(':KUBE-')).length;
      return { table: lines[0] ?? '', chains, rules: lines.filter((line) => line.startsWith('-A ')).length };
    });
}
