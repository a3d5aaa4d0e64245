/** nftables mode: nft in the node's namespace, and how its rules are counted. */
import { run } from '../../lab/exec.ts';
import type { Backend, RuleCounts } from './backend.ts';

export const nftablesBackend: Backend = {
  // `nftables v1.0.6 (Lester Gooch #5)`
  version: async () => (await run('nft', ['--version'])).trim(),
  prepare: () => Promise.resolve(),
  list: ({ namespace }) => run('ip', ['netns', 'exec', namespace, 'nft', 'list', 'ruleset']),
  listCommand: 'nft list ruleset',
  count: countRules,
};

/** There is one table. Its blocks begin with one tab, what is in them with two. */
function countRules(text: string): RuleCounts[] {
  const blocks = text.split(/^\t(?=chain |set |map )/m).slice(1);
  const chains = blocks.filter((block) => block.startsWith('chain '));
  const rules = chains.flatMap((block) => block.match(/^\t\t(?!type ).+/gm) ?? []);
  const elements = blocks.flatMap((block) => /elements = \{([^}]*)\}/.exec(block)?.[1]?.split(',') ?? []);
  return [{ table: 'rulewright', chains: chains.length, rules: rules.length, elements: elements.length }];
}
