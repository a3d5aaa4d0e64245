/** When two rulesets are the same to the kernel. */

import { printElements } from '../../../../src/core/nftables/print/elements.ts';
import { printRuleset } from '../../../../src/core/nftables/print/print.ts';
import type {
  Element,
  NamedSet,
  NftablesChain,
  NftablesMatch,
  NftablesRule,
  NftablesRuleset,
} from '../../../../src/core/nftables/ruleset.ts';
import { printableComment } from '../../../../src/core/nftables/words.ts';
import { compareText } from '../../../../src/core/structures/compare-text.ts';

/**
 * Whether both do the same, whoever owns the elements and in whatever order sets, chains and elements come. Throws an
 * Error for a value that could not be loaded.
 */
export function sameRuleset(a: NftablesRuleset, b: NftablesRuleset): boolean {
  return printRuleset(normalizeRuleset(a)) === printRuleset(normalizeRuleset(b));
}

/**
 * A ruleset that is the same, in a form that is equal for all that are: sets, chains and elements sorted, all elements
 * of a set owned by '', and nothing in it that nft shows in another way than it was given.
 */
export function normalizeRuleset({ family, sets, chains }: NftablesRuleset): NftablesRuleset {
  return {
    family,
    sets: sets.map(normalizeSet).sort((a, b) => compareText(a.name, b.name)),
    chains: chains.map(normalizeChain).sort((a, b) => compareText(a.name, b.name)),
  };
}

function normalizeSet(set: NamedSet): NamedSet {
  const all = set.groups.flat().flatMap(({ elements }) => elements);
  const sorted = all
    .map((element) => ({ element, text: printElements(set, [element]) }))
    .sort((a, b) => compareText(a.text, b.text));
  const elements = sorted.map(({ element }) => normalizeElement(element));
  return { ...set, groups: elements.length === 0 ? [] : [[{ owner: '', elements }]] };
}

/** nft shows a block of one address as that address. */
function normalizeElement(element: Element): Element {
  const key = element.key.map((part) =>
    typeof part === 'string' ? (part.replace(part.includes(':') ? /\/128$/ : /\/32$/, '') as typeof part) : part,
  );
  return { ...element, key };
}

function normalizeChain(chain: NftablesChain): NftablesChain {
  return { ...chain, rules: chain.rules.map(normalizeRule) };
}

/** Matches hold in any order; nft may move that of a protocol. */
function normalizeRule({ matches, statements, comment }: NftablesRule): NftablesRule {
  const isProtocols = ({ kind }: NftablesMatch): boolean => kind === 'protocols';
  const sorted = [
    ...matches.filter(isProtocols).map(normalizeProtocols),
    ...matches.filter((match) => !isProtocols(match)),
  ];
  return {
    matches: sorted,
    statements,
    ...(comment === undefined ? {} : { comment: printableComment(comment) }),
  };
}

function normalizeProtocols(match: NftablesMatch): NftablesMatch {
  if (match.kind !== 'protocols') return match;
  const protocols = (['TCP', 'UDP', 'SCTP'] as const).filter((protocol) => match.protocols.includes(protocol));
  return { ...match, protocols };
}
