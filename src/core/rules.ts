/** The rules of one family in either mode: the one place that knows both backends. */

import { checkRuleset as checkIptables, emptyIptablesCheckMemory } from './iptables/check/check.ts';
import { diffRulesets as diffIptables } from './iptables/diff/diff.ts';
import { type IptablesTransaction, summarizeTransaction as summarizeIptables } from './iptables/diff/operations.ts';
import { printTransaction as printIptablesChange } from './iptables/diff/print.ts';
import { emptyIptablesLowerMemory, lower as lowerToIptables } from './iptables/lower/lower.ts';
import { printRuleset as printIptables } from './iptables/print/print.ts';
import type { IptablesRuleset } from './iptables/ruleset.ts';
import type { NodeConfig } from './model/config.ts';
import type { Plan } from './model/plan.ts';
import { checkRuleset as checkNftables } from './nftables/check/check.ts';
import { emptyNftablesCheckMemory } from './nftables/check/set.ts';
import { diffRulesets as diffNftables } from './nftables/diff/diff.ts';
import { type NftablesTransaction, summarizeTransaction as summarizeNftables } from './nftables/diff/operations.ts';
import { printTransaction as printNftablesChange } from './nftables/diff/print.ts';
import { regroupElements } from './nftables/diff/regroup.ts';
import { emptySettleMemory, settleSlots } from './nftables/diff/settle.ts';
import { emptyNftablesLowerMemory, lower as lowerToNftables } from './nftables/lower/lower.ts';
import { printRuleset as printNftables } from './nftables/print/print.ts';
import type { NftablesRuleset } from './nftables/ruleset.ts';
import { tableName } from './nftables/words.ts';
import type { ChangeCounts } from './structures/named-difference.ts';

export type Rules =
  | { readonly mode: 'iptables'; readonly ruleset: IptablesRuleset }
  | { readonly mode: 'nftables'; readonly ruleset: NftablesRuleset };

/**
 * What lowering, checking and comparing remember of the rules of one family. It changes what they cost and nothing
 * else.
 */
export type RulesMemory = ReturnType<typeof emptyRulesMemory>;

export function emptyRulesMemory() {
  return {
    iptables: { lower: emptyIptablesLowerMemory(), check: emptyIptablesCheckMemory() },
    nftables: { lower: emptyNftablesLowerMemory(), check: emptyNftablesCheckMemory(), settle: emptySettleMemory() },
  } as const;
}

/** The rules of a plan, in the mode of the config. */
export function lowerPlan(plan: Plan, { mode, layout }: NodeConfig, memory: RulesMemory = emptyRulesMemory()): Rules {
  return mode === 'iptables'
    ? { mode, ruleset: lowerToIptables(plan, layout, memory.iptables.lower) }
    : { mode, ruleset: lowerToNftables(plan, memory.nftables.lower) };
}

/** What is wrong with rules, each with its place; empty when they are sound. */
export function checkRules(rules: Rules, memory: RulesMemory = emptyRulesMemory()): readonly string[] {
  return rules.mode === 'iptables'
    ? checkIptables(rules.ruleset, memory.iptables.check)
    : checkNftables(rules.ruleset, memory.nftables.check);
}

/** Complete input for `iptables-restore`, or for `nft -f`. */
export function printRules(rules: Rules): string {
  return rules.mode === 'iptables' ? printIptables(rules.ruleset) : printNftables(rules.ruleset);
}

/** How many rules there are, in all chains. */
export function countRules(rules: Rules): number {
  return Object.values(rulesByTable(rules.ruleset)).reduce((sum, count) => sum + count, 0);
}

/** The same by table: `nat` and `filter`, or `rulewright`. */
export function rulesByTable(ruleset: Rules['ruleset']): Readonly<Record<string, number>> {
  const count = (chains: readonly { readonly rules: readonly unknown[] }[]): number =>
    chains.reduce((sum, { rules }) => sum + rules.length, 0);
  if ('chains' in ruleset) return { [tableName]: count(ruleset.chains) };
  return Object.fromEntries(ruleset.tables.map(({ name, chains }) => [name, count(chains)]));
}

/** The step from rules that were applied to rules that are wanted. */
export interface RulesChange {
  /** Exactly what is sent: to `iptables-restore --noflush` or `nft -f`. Empty when there is nothing to do. */
  readonly text: string;
  /** The same as values. */
  readonly transaction: IptablesTransaction | NftablesTransaction;
  /** How much changes, by kind of object: `chains`, `jumps`; `sets`, `chains`, `elements`. */
  readonly summary: Readonly<Record<string, ChangeCounts>>;
  /** What is applied afterwards: `wanted`, in nftables mode with as many slots as possible where they were. */
  readonly applied: Rules;
}

/**
 * The smallest transaction from `last` to `wanted`; from nothing where there is no `last`, which must be of the same
 * family and mode.
 */
export function diffRules(
  last: Rules | undefined,
  wanted: Rules,
  memory: RulesMemory = emptyRulesMemory(),
): RulesChange {
  if (wanted.mode === 'iptables') {
    const transaction = diffIptables(rulesetOf(last, 'iptables'), wanted.ruleset);
    const summary = { ...summarizeIptables(transaction) };
    return { text: printIptablesChange(transaction), transaction, summary, applied: wanted };
  }
  const before = rulesetOf(last, 'nftables');
  const applied = { ...wanted, ruleset: settleSlots(before, wanted.ruleset, memory.nftables.settle) };
  const transaction = diffNftables(before, applied.ruleset);
  const summary = { ...summarizeNftables(transaction) };
  return { text: printNftablesChange(transaction), transaction, summary, applied };
}

/**
 * Rules that were read from the kernel, made ready to be compared with wanted ones. Without it `diffRules` is right
 * too, but moves endpoints to other slots.
 */
export function adoptRules(read: Rules, wanted: Rules): Rules {
  if (read.mode === 'iptables' || wanted.mode === 'iptables') return read;
  return { ...read, ruleset: regroupElements(read.ruleset, wanted.ruleset) };
}

function rulesetOf<M extends Rules['mode']>(rules: Rules | undefined, mode: M) {
  if (rules === undefined) return undefined;
  if (rules.mode !== mode) throw new Error(`rules of mode ${rules.mode}, not ${mode}`);
  return rules.ruleset as Extract<Rules, { mode: M }>['ruleset'];
}
