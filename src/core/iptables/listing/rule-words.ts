/** The words of a rule by what they belong to: the rule itself, a match, or the target. Nothing is judged yet. */
import {
  type HeaderOption,
  headerOptions,
  isTargetName,
  matchOptions,
  type OptionCounts,
  targetOptions,
  verdicts,
} from '../options.ts';
import { isWord } from '../words.ts';

export interface OptionUse {
  readonly option: string;
  readonly negated: boolean;
  readonly values: readonly string[];
}

/** A match (`-m name …`) or a target (`-j name …`). */
export interface RulePart {
  readonly name: string;
  /** Undefined for one that rulewright does not know: every word up to the next `-m` and its like belongs to it. */
  readonly counts: OptionCounts | undefined;
  readonly uses: OptionUse[];
  /** All words after the name, whether understood or not. */
  readonly words: string[];
  isUnderstood: boolean;
}

export interface HeaderUse {
  readonly option: Exclude<HeaderOption, 'match' | 'jump' | 'goto' | 'counters'> | 'fragment';
  readonly negated: boolean;
  /** Empty for `fragment`, which has none. */
  readonly value: string;
}

export interface RuleWords {
  readonly header: readonly HeaderUse[];
  readonly matches: readonly RulePart[];
  readonly target: { readonly via: 'jump' | 'goto'; readonly part: RulePart } | undefined;
}

/** The options of the rule's own, of its matches and of its target; or what is wrong with the words. */
export function groupWords(words: readonly string[], isChain: (name: string) => boolean): RuleWords | string {
  const protocolAt = words.findIndex((word) => headerOptions.get(word) === 'protocol');
  const protocol = protocolAt < 0 ? undefined : words[protocolAt + 1];
  const state: State = {
    words,
    isChain,
    protocol,
    at: 0,
    header: [],
    matches: [],
    target: undefined,
    current: undefined,
  };
  while (state.at < words.length) {
    const problem = takeNext(state);
    if (problem !== undefined) return problem;
  }
  return state;
}

interface State {
  readonly words: readonly string[];
  readonly isChain: (name: string) => boolean;
  /** Known from the start: it tells what an option belongs to, and rulewright prints it before all options. */
  readonly protocol: string | undefined;
  at: number;
  readonly header: HeaderUse[];
  readonly matches: RulePart[];
  target: RuleWords['target'];
  /** The match or target named last: options that nothing else knows are its. */
  current: RulePart | undefined;
}

/** What is wrong, or undefined. */
type Problem = string | undefined;

function takeNext(state: State): Problem {
  const negated = state.words[state.at] === '!';
  if (negated) state.at += 1;
  const word = state.words[state.at];
  if (word === undefined) return 'nothing comes after "!"';
  state.at += 1;
  const option = headerOptions.get(word);
  if (option === undefined) return takeOption(state, word, negated);
  if (option === 'fragment') {
    state.header.push({ option, negated, value: '' });
    return undefined;
  }
  const value = state.words[state.at];
  if (value === undefined) return `${word} lacks its value`;
  state.at += 1;
  return takeHeader(state, { option, word, value, negated });
}

interface HeaderWords {
  readonly option: HeaderOption;
  readonly word: string;
  readonly value: string;
  readonly negated: boolean;
}

function takeHeader(state: State, { option, word, value, negated }: HeaderWords): Problem {
  switch (option) {
    case 'source':
    case 'destination':
    case 'in':
    case 'out':
    case 'protocol':
      if (state.header.some((use) => use.option === option)) return `a second ${word}`;
      state.header.push({ option, negated, value });
      return undefined;
    case 'match':
    case 'counters':
    case 'jump':
    case 'goto':
      if (negated) return `${word} cannot be negated`;
      break;
    default:
      return option satisfies never;
  }
  if (option === 'match') {
    addMatch(state, value);
    return undefined;
  }
  if (option !== 'counters') return takeTarget(state, option, value);
  state.at += 1;
  return state.at > state.words.length ? `${word} lacks its second value` : undefined;
}

function addMatch(state: State, name: string): RulePart {
  const part = newPart(name, matchOptions.get(name));
  state.matches.push(part);
  state.current = part;
  return part;
}

function newPart(name: string, counts: OptionCounts | undefined): RulePart {
  return { name, counts, uses: [], words: [], isUnderstood: counts !== undefined };
}

const noOptions: OptionCounts = new Map();

function takeTarget(state: State, via: 'jump' | 'goto', name: string): Problem {
  if (state.target !== undefined) return 'a second target';
  if (!isWord('chain', name)) return `neither a chain nor a target: ${name}`;
  const isForeign = via === 'jump' && isForeignTarget(state, name);
  const part = newPart(name, isForeign ? undefined : (targetOptions.get(name) ?? noOptions));
  state.target = { via, part };
  state.current = part;
  if (isForeign) takeRest(state, part);
  return undefined;
}

/** Which of the words are options of a target without a model cannot be told, so all are: it is the last in a rule. */
function takeRest(state: State, part: RulePart): void {
  part.words.push(...state.words.slice(state.at));
  state.at = state.words.length;
}

/** Whether a target is an extension that rulewright only keeps. A name with options that is no chain must be one. */
function isForeignTarget(state: State, name: string): boolean {
  if (verdicts.has(name) || targetOptions.has(name)) return false;
  if (isTargetName(name)) return true;
  const next = state.words[state.at];
  return !state.isChain(name) && next !== undefined && next !== '!' && !headerOptions.has(next);
}

/** An option of a match or target, or a word that only a match without a model can have. */
function takeOption(state: State, word: string, negated: boolean): Problem {
  const owner = word.startsWith('-') ? ownerOf(state, word) : state.current;
  const count = owner?.counts?.get(word);
  const isStray = owner?.counts === noOptions || (owner?.isUnderstood === true && !word.startsWith('-'));
  if (owner === undefined || isStray) return `unexpected ${JSON.stringify(word)}`;
  if (negated) owner.words.push('!');
  owner.words.push(word);
  if (count === undefined) {
    owner.isUnderstood = false;
    if (owner === state.target?.part) takeRest(state, owner);
    return undefined;
  }
  const values = state.words.slice(state.at, state.at + count);
  if (values.length < count) return `${word} lacks its value`;
  state.at += count;
  owner.words.push(...values);
  owner.uses.push({ option: word, negated, values });
  return undefined;
}

/** The match or target that an option belongs to; the protocol's match is loaded by its options, as iptables does. */
function ownerOf(state: State, option: string): RulePart | undefined {
  const { current, matches, target } = state;
  if (current !== undefined && current.counts === undefined) return current;
  const parts = target === undefined ? matches : [...matches, target.part];
  const knows = (part: RulePart): boolean => part.counts?.has(option) === true;
  const owner = current !== undefined && knows(current) ? current : parts.findLast(knows);
  if (owner !== undefined) return owner;
  const protocol = matchNameOf(state.protocol);
  const isLoaded = matches.some((part) => part.name === protocol);
  if (protocol !== undefined && !isLoaded && matchOptions.get(protocol)?.has(option) !== false) {
    return addMatch(state, protocol);
  }
  return isKnownOption(option) ? undefined : current;
}

/** Such an option is of no use to any but its own match or target, which is not there. */
function isKnownOption(option: string): boolean {
  return [...matchOptions.values(), ...targetOptions.values()].some((options) => options.has(option));
}

/** Protocols by all their names and numbers in /etc/protocols, as far as their match has options. */
const protocolMatches: Readonly<Record<string, string>> = {
  tcp: 'tcp',
  '6': 'tcp',
  udp: 'udp',
  '17': 'udp',
  sctp: 'sctp',
  '132': 'sctp',
  icmp: 'icmp',
  '1': 'icmp',
  'ipv6-icmp': 'icmp6',
  icmpv6: 'icmp6',
  '58': 'icmp6',
};

/** The match module of a protocol. */
export function matchNameOf(protocol: string | undefined): string | undefined {
  const name = protocol?.toLowerCase() ?? '';
  return Object.hasOwn(protocolMatches, name) ? protocolMatches[name] : undefined;
}
