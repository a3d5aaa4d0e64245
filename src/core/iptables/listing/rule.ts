/** One rule: from its words to a value. */
import type { IpFamily } from '../../model/address.ts';
import type { Protocol } from '../../model/objects.ts';
import type { IptablesRule } from '../ruleset.ts';
import { isWord } from '../words.ts';
import { addModule, type MatchDraft, negatable } from './match.ts';
import { groupWords, type HeaderUse, matchNameOf, type RulePart } from './rule-words.ts';
import { parseTarget } from './target.ts';
import { parseBlock } from './values.ts';

/**
 * Reads the words after `-A CHAIN`. `isChain` tells the chains of the table from targets. Returns what is wrong when no
 * version of iptables could read the words; what only rulewright cannot read becomes opaque.
 */
export function parseRule(
  family: IpFamily,
  words: readonly string[],
  isChain: (name: string) => boolean,
): IptablesRule | string {
  const grouped = groupWords(words, isChain);
  if (typeof grouped === 'string') return grouped;
  const match: MatchDraft = {};
  const opaque = grouped.header.flatMap((use) => (addHeader(match, family, use) ? [] : headerWords(use)));
  const { comment, rest } = splitComment(grouped.matches);
  opaque.push(...addModules(match, rest));
  if (opaque.length > 0) match.opaque = opaque;
  return {
    match,
    ...(grouped.target === undefined ? {} : { target: parseTarget(family, grouped.target) }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** Adds an address, interface or protocol; false, and nothing added, when the model has no place for it. */
function addHeader(draft: MatchDraft, family: IpFamily, { option, negated, value }: HeaderUse): boolean {
  switch (option) {
    case 'source':
    case 'destination': {
      const block = parseBlock(family, value);
      if (block === undefined) return false;
      draft[option] = negatable(block, negated);
      return true;
    }
    case 'in':
    case 'out': {
      const field = option === 'in' ? 'inputInterface' : 'outputInterface';
      if (!isWord('interface', value)) return false;
      draft[field] = negatable(value, negated);
      return true;
    }
    case 'protocol':
      return !negated && addProtocol(draft, value);
    case 'fragment':
      return false;
    default:
      return option satisfies never;
  }
}

const protocols: ReadonlyMap<string | undefined, Protocol> = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['sctp', 'SCTP'],
]);

function addProtocol(draft: MatchDraft, value: string): boolean {
  if (value === 'all' || value === '0') return true;
  const protocol = protocols.get(matchNameOf(value));
  if (protocol === undefined) return false;
  draft.protocol = protocol;
  return true;
}

const headerSpellings: Readonly<Record<HeaderUse['option'], string>> = {
  source: '-s',
  destination: '-d',
  in: '-i',
  out: '-o',
  protocol: '-p',
  fragment: '-f',
};

function headerWords({ option, negated, value }: HeaderUse): readonly string[] {
  const words = option === 'fragment' ? [headerSpellings[option]] : [headerSpellings[option], value];
  return negated ? ['!', ...words] : words;
}

/** The first comment, wherever it stands: it always holds. */
function splitComment(parts: readonly RulePart[]): {
  readonly comment: string | undefined;
  readonly rest: readonly RulePart[];
} {
  const found = parts.find(({ name, isUnderstood, uses }) => {
    return name === 'comment' && isUnderstood && uses.length === 1 && uses[0]?.negated === false;
  });
  return { comment: found?.uses[0]?.values[0], rest: parts.filter((part) => part !== found) };
}

/** Matches that only look: it makes no difference which of them is asked first. */
const lookingMatches: ReadonlySet<string> = new Set([
  ...['tcp', 'udp', 'sctp', 'icmp', 'icmp6', 'multiport', 'iprange', 'length', 'mac', 'owner'],
  ...['comment', 'addrtype', 'conntrack', 'state', 'mark', 'connmark'],
]);

/**
 * Adds the matches that have a model and returns the words of the others. print-match.ts prints the ones that look
 * first, then `recent`, `nfacct` and the opaque ones, so only what keeps its meaning in that order is added.
 */
function addModules(draft: MatchDraft, parts: readonly RulePart[]): readonly string[] {
  const opaque: string[] = [];
  let isSealed = false;
  for (const part of parts) {
    if (isEmptyProtocolMatch(draft, part)) continue;
    const isOrdered = !isSealed && comesInOrder(draft, part, opaque.length > 0);
    if (isOrdered && addModule(draft, part)) continue;
    opaque.push('-m', part.name, ...part.words);
    // A match that remembers or counts sees the packets that got as far as it, so nothing may change places with it.
    isSealed ||= !lookingMatches.has(part.name);
  }
  return opaque;
}

function comesInOrder({ recent, nfacct }: MatchDraft, { name }: RulePart, isAfterOpaque: boolean): boolean {
  if (name === 'nfacct') return !isAfterOpaque;
  return nfacct === undefined && recent === undefined && (name !== 'recent' || !isAfterOpaque);
}

/** `-m tcp` with no option: `-p tcp` says all of it. */
function isEmptyProtocolMatch({ protocol }: MatchDraft, { name, words }: RulePart): boolean {
  return words.length === 0 && protocol !== undefined && name === protocol.toLowerCase();
}
