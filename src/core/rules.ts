/** The rules of one family in either mode: the one place that knows both backends. */
import { diffRulesets as diffIptables } from './iptables/diff.ts';
import { summarizeTransaction as summarizeIptables } from './iptables/diff-operations.ts';
import { printTransaction as printIptablesChange } from './iptables/diff-print.ts';
import { lower as lowerToIptables } from './iptables/lower.ts';
import { printRuleset as printIptables } from './iptables/print.ts';
import type { Ruleset as IptablesRuleset } from './iptables/ruleset.ts';
import { verifyRuleset as verifyIptables } from './iptables/verify.ts';
import type { NodeConfig } from './model/config.ts';
import type { Plan } from './model/plan.ts';
import { diffRulesets as diffNftables } from './nftables/diff.ts';
import { summarizeTransaction as summarizeNftables } from './nftables/diff-operations.ts';
import { printTransaction as printNftablesChange } from './nftables/diff-print.ts';
import { lower as lowerToNftables } from './nftables/lower.ts';
import { printRuleset as printNftables } from './nftables/print.ts';
import type { Ruleset as NftablesRuleset } from './nftables/ruleset.ts';
import { settleSlots } from './nftables/settle.ts';
import { verifyRuleset as verifyNftables } from './nftables/verify.ts';
import type { ChangeCounts } from './transaction.ts';

export type Rules =
  | { readonly mode: 'iptables'; readonly ruleset: IptablesRuleset }
  | { readonly mode: 'nftables'; readonly ruleset: NftablesRuleset };

/** The rules of a plan, in the mode of the config. */
export function lowerPlan(plan: Plan, { mode, layout }: NodeConfig): Rules {
  return mode === 'iptables'
    ? { mode, ruleset: lowerToIptables(plan, layout) }
    : { mode, ruleset: lowerToNftables(plan) };
}

/** What is wrong with rules, each with its place; empty when they are sound. */
export function verifyRules(rules: Rules): readonly string[] {
  return rules.mode === 'iptables' ? verifyIptables(rules.ruleset) : verifyNftables(rules.ruleset);
}

/** Complete input for `iptables-restore`, or for `nft -f`. */
export function printRules(rules: Rules): string {
  return rules.mode === 'iptables' ? printIptables(rules.ruleset) : printNftables(rules.ruleset);
}

/** How many rules there are, in all chains. */
export function countRules({ ruleset }: Rules): number {
  const chains = 'tables' in ruleset ? ruleset.tables.flatMap((table) => table.chains) : ruleset.chains;
  return chains.reduce((sum: number, { rules }: { readonly rules: readonly unknown[] }) => sum + rules.length, 0);
}

/** The step from rules that were applied to rules that are wanted. */
export interface RulesChange {
  /** Exactly what is sent: to `iptables-restore --noflush` or `nft -f`. Empty when there is nothing to do. */
  readonly text: string;
  /** How much changes, by kind of object: `chains`, `jumps`; `sets`, `chains`, `elements`. */
  readonly summary: Readonly<Record<string, ChangeCounts>>;
  /** What is applied afterwards: `wanted`, in nftables mode with as many slots as possible where they were. */
  readonly applied: Rules;
}

/**
 * The smallest transaction from `last` to `wanted`; from nothing where there is no `last`, which must be of the same
 * family and mode.
 */
export function diffRules(last: Rules | undefined, wanted: Rules): RulesChange {
  if (wanted.mode === 'iptables') {
    const transaction = diffIptables(rulesetOf(last, 'iptables'), wanted.ruleset);
    const summary = { ...summarizeIptables(transaction) };
    return { text: printIptablesChange(transaction), summary, applied: wanted };
  }
  const before = rulesetOf(last, 'nftables');
  const applied = { ...wanted, ruleset: settleSlots(before, wanted.ruleset) };
  const transaction = diffNftables(before, applied.ruleset);
  return { text: printNftablesChange(transaction), summary: { ...summarizeNftables(transaction) }, applied };
}

function rulesetOf<M extends Rules['mode']>(rules: Rules | undefined, mode: M) {
  if (rules === undefined) return undefined;
  if (rules.mode !== mode) throw new Error(`rules of mode ${rules.mode}, not ${mode}`);
  return rules.ruleset as Extract<Rules, { mode: M }>['ruleset'];
}
