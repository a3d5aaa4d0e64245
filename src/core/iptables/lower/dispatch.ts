/**
 * From the list of frontends to chains that find one in a few steps. A long list of rules is walked from its top for
 * each new connection; a tree over the digits of an address or port is walked in a handful.
 */
import { compareText } from '../../structures/compare-text.ts';
import type { IptablesChain, IptablesMatch, IptablesRule } from '../ruleset.ts';

/** A rule with the key that it alone, or it among few, matches. */
export interface KeyedRule {
  /** Digits of equal number within one space, see key-spaces.ts. */
  readonly digits: string;
  readonly rule: IptablesRule;
}

/** What the digits mean: how packets whose key begins with some of them are recognised. */
export interface KeySpace {
  readonly digitCount: number;
  readonly branch: (prefix: string) => { readonly chain: string; readonly match: IptablesMatch };
}

export interface Dispatch {
  /** The rules for the chain that everything enters. */
  readonly rules: readonly IptablesRule[];
  /** The chains below it. */
  readonly chains: readonly IptablesChain[];
}

/** A chain with more rules than this is split by the next digit: a jump costs about as much as a few comparisons. */
const maxRulesPerChain = 16;

/** A group of no more rules than this stays in its parent: a chain for it would save nothing. */
const maxRulesInline = 4;

/** The rules one after another, as kube-proxy writes them. */
export function linearDispatch(rules: readonly KeyedRule[]): Dispatch {
  return { rules: rules.map(({ rule }) => rule), chains: [] };
}

/**
 * The rules as a prefix tree. Only rules with the same digits can match one packet, and these stay in order. Jumps come
 * back on a miss (`-j`, not `-g`): the rules after the tree still have their turn.
 */
export function treeDispatch(rules: readonly KeyedRule[], space: KeySpace): Dispatch {
  const sorted = [...rules].sort((a, b) => compareText(a.digits, b.digits));
  const chains: IptablesChain[] = [];

  function split(group: readonly KeyedRule[]): readonly IptablesRule[] {
    const shared = sharedDigits(group);
    if (group.length <= maxRulesPerChain || shared === space.digitCount) return group.map(({ rule }) => rule);
    return groupsByDigit(group, shared).flatMap((child) =>
      child.length <= maxRulesInline ? child.map(({ rule }) => rule) : [branch(child)],
    );
  }

  function branch(group: readonly KeyedRule[]): IptablesRule {
    const { chain, match } = space.branch((group[0]?.digits ?? '').slice(0, sharedDigits(group)));
    chains.push({ name: chain, rules: split(group) });
    return { match, target: { kind: 'jump', chain } };
  }

  return { rules: split(sorted), chains };
}

/** How many digits all rules of a sorted group begin with. */
function sharedDigits(sorted: readonly KeyedRule[]): number {
  const first = sorted[0]?.digits ?? '';
  const last = sorted.at(-1)?.digits ?? '';
  let count = 0;
  while (count < first.length && first[count] === last[count]) count += 1;
  return count;
}

/** Neighbours with the same digit at this place, in order. */
function groupsByDigit(sorted: readonly KeyedRule[], place: number): readonly (readonly KeyedRule[])[] {
  const groups: KeyedRule[][] = [];
  let digit: string | undefined;
  for (const entry of sorted) {
    if (entry.digits[place] !== digit) groups.push([]);
    digit = entry.digits[place];
    groups.at(-1)?.push(entry);
  }
  return groups;
}
