import type { Backend, LoadPlace, RuleCounts, Texts } from './backend.ts';
import { CommandFailed, run } from './exec.ts';

export const nftablesBackend: Backend = {
  // `nftables v1.0.6 (Lester Gooch #5)`
  version: async () => (await run('nft', ['--version'])).trim(),
  load: send,
  change: send,
  list: ({ namespace }) => run('ip', ['netns', 'exec', namespace, 'nft', 'list', 'ruleset']),
  listCommand: 'nft list ruleset',
  count: countRules,
};

/** Both families in one transaction. */
async function send(texts: Texts, { namespace, families }: LoadPlace): Promise<void> {
  const input = families.map((family) => texts[family]).join('\n');
  await run('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], { input }).catch((error: unknown) => {
    if (!(error instanceof CommandFailed)) throw error;
    throw new Error(`nft did not take the rules (--mode iptables is the other way):\n${error.stderr}`);
  });
}

/** There is one table. Its blocks begin with one tab, what is in them with two. */
function countRules(text: string): RuleCounts[] {
  const blocks = text.split(/^\t(?=chain |set |map )/m).slice(1);
  const chains = blocks.filter((block) => block.startsWith('chain '));
  const rules = chains.flatMap((block) => block.match(/^\t\t(?!type ).+/gm) ?? []);
  const elements = blocks.flatMap((block) => /elements = \{([^}]*)\}/.exec(block)?.[1]?.split(',') ?? []);
  return [{ table: 'rulewright', chains: chains.length, rules: rules.length, elements: elements.length }];
}
