/** iptables mode: its tools in the node's namespace, and how its rules are counted. */
import { run } from '../../lab/exec.ts';
import { leaveHint, namespaceOf, toolName, type Variant } from '../../lab/network/tools.ts';
import { lockFile } from '../../lab/program/daemon.ts';
import type { Backend, Place, RuleCounts } from './backend.ts';

export function iptablesBackend(variant: Variant): Backend {
  const iptables = toolName(variant, 'IPv4');
  return {
    // `iptables-nft-restore v1.8.9 (nf_tables)`
    version: async () => (await run(`${iptables}-restore`, ['--version'])).replace(/^\S+/, 'iptables').trim(),
    prepare: (place) => leaveHint(nodeOf(place), variant),
    list: async (place) => {
      const saved = place.families.map((family) => nodeOf(place).save(variant, family));
      return (await Promise.all(saved)).join('\n');
    },
    listCommand: `${iptables}-save`,
    count: countRules,
  };
}

function nodeOf({ namespace, folder }: Place) {
  return namespaceOf(namespace, lockFile(folder));
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
