import type { Backend, Place, RuleCounts } from './backend.ts';
import { lockFile } from './daemon.ts';
import { run } from './exec.ts';

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
    prepare: (place) => leaveHint(variant, place),
    list: (place) => save(variant, place),
    listCommand: `${programs[variant].IPv4}-save`,
    count: countRules,
  };
}

/** As the kubelet does (KEP-3178): the daemon takes the variant that has this chain. */
async function leaveHint(variant: Variant, { namespace, folder }: Place): Promise<void> {
  const command = [programs[variant].IPv4, '-t', 'mangle', '-N', 'KUBE-IPTABLES-HINT'];
  await run('ip', ['netns', 'exec', namespace, ...command], { env: { XTABLES_LOCKFILE: lockFile(folder) } });
}

async function save(variant: Variant, { namespace, families }: Place): Promise<string> {
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
