import { join } from 'node:path';
import type { Backend, LoadPlace, RuleCounts, RuleLine } from './backend.ts';
import { CommandFailed, run } from './exec.ts';
import type { CompiledRules } from './rules.ts';

const programs = {
  nft: { IPv4: 'iptables-nft-restore', IPv6: 'ip6tables-nft-restore' },
  legacy: { IPv4: 'iptables-legacy-restore', IPv6: 'ip6tables-legacy-restore' },
} as const;

type Variant = keyof typeof programs;

export function iptablesBackend(variant: Variant): Backend {
  return {
    // `iptables-nft-restore v1.8.9 (nf_tables)`
    version: async () => (await run(programs[variant].IPv4, ['--version'])).replace(/^\S+/, 'iptables').trim(),
    load: (rules, place) => load(variant, rules, place),
    count: countRules,
    lines: ruleLines,
  };
}

/** Each table is replaced as a whole in one commit. The lock is our own: nobody waits for us, nor we for them. */
async function load(variant: Variant, rules: CompiledRules, place: LoadPlace): Promise<void> {
  const { namespace, folder, families } = place;
  for (const family of families) {
    const input = `${rules.texts[family]}\n`;
    const env = { XTABLES_LOCKFILE: join(folder, 'xtables.lock') };
    const program = programs[variant][family];
    await run('ip', ['netns', 'exec', namespace, program], { input, env }).catch((error: unknown) => {
      if (!(error instanceof CommandFailed)) throw error;
      const other = variant === 'nft' ? 'legacy' : 'nft';
      throw new Error(`${program} did not take the rules (--iptables ${other} is the other one):\n${error.stderr}`);
    });
  }
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

function ruleLines(text: string): RuleLine[] {
  const lines: RuleLine[] = [];
  let table = '';
  for (const line of text.split('\n')) {
    const [, chain, rest = ''] = /^(?:-A |:)(\S+) (.*)$/.exec(line) ?? [];
    if (line.startsWith('*')) table = line.slice(1);
    else if (chain !== undefined) {
      const text = line.startsWith(':') ? '(chain)' : withoutComment(` ${rest}`).trim();
      lines.push({ place: `${table} ${chain}`, text });
    }
  }
  return lines;
}

function withoutComment(rule: string): string {
  return rule.replace(/ -m comment --comment ("(?:[^"\\]|\\.)*"|\S+)/, '');
}
