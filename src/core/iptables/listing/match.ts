/** What the words of a match module say, put into a `Match`. */

import type { IptablesMatch, Negatable, Recent } from '../ruleset.ts';
import { isWord } from '../words.ts';
import type { OptionUse, RulePart } from './rule-words.ts';
import { parseCtStates, parseMaskedMark, parsePortRange, parseProbability, parseUnsigned } from './values.ts';

/** A match while it is put together. */
export type MatchDraft = { -readonly [field in keyof IptablesMatch]: IptablesMatch[field] };

/**
 * Adds what a match module asks for. Returns false, and adds nothing, when the model has no place for it: an option or
 * value that it lacks, or a second module of the same kind.
 */
export function addModule(draft: MatchDraft, part: RulePart): boolean {
  if (!part.isUnderstood) return false;
  switch (part.name) {
    case 'tcp':
    case 'udp':
    case 'sctp':
      return addPort(draft, part);
    case 'addrtype':
      return addTypes(draft, part);
    case 'conntrack':
    case 'state':
      return addCtStates(draft, part);
    case 'mark':
      return addMark(draft, part);
    case 'statistic':
      return addRandom(draft, part);
    case 'recent':
      return addRecent(draft, part);
    case 'nfacct':
      return addNfacct(draft, part);
    default:
      return false;
  }
}

/** `value`, negated or not. */
export function negatable<T>(value: T, negated: boolean): Negatable<T> {
  return negated ? { value, negated } : { value };
}

/** The value of the only option that is used, when that is this one and it has one. */
function onlyUse({ uses }: RulePart, ...options: readonly string[]): { value: string; negated: boolean } | undefined {
  const [use, ...rest] = uses;
  const value = use?.values[0];
  if (use === undefined || value === undefined || rest.length > 0 || !options.includes(use.option)) return undefined;
  return { value, negated: use.negated };
}

function addPort(draft: MatchDraft, part: RulePart): boolean {
  const use = onlyUse(part, '--dport', '--destination-port');
  const range = use === undefined || use.negated ? undefined : parsePortRange(use.value);
  if (range === undefined || draft.destinationPort !== undefined) return false;
  if (part.name !== draft.protocol?.toLowerCase()) return false;
  draft.destinationPort = range;
  return true;
}

function addTypes(draft: MatchDraft, { uses }: RulePart): boolean {
  const added: MatchDraft = {};
  for (const { option, negated, values } of uses) {
    const field = option === '--src-type' ? 'sourceType' : option === '--dst-type' ? 'destinationType' : undefined;
    if (field === undefined || values[0] !== 'LOCAL') return false;
    if (draft[field] !== undefined || added[field] !== undefined) return false;
    added[field] = negatable('LOCAL', negated);
  }
  Object.assign(draft, added);
  return uses.length > 0;
}

function addCtStates(draft: MatchDraft, part: RulePart): boolean {
  const use = onlyUse(part, '--ctstate', '--state');
  const states = use === undefined ? undefined : parseCtStates(use.value);
  if (use === undefined || states === undefined || draft.ctStates !== undefined) return false;
  draft.ctStates = negatable(states, use.negated);
  return true;
}

function addMark(draft: MatchDraft, part: RulePart): boolean {
  const use = onlyUse(part, '--mark');
  const mark = use === undefined ? undefined : parseMaskedMark(use.value);
  if (use === undefined || mark === undefined || draft.mark !== undefined) return false;
  draft.mark = negatable(mark, use.negated);
  return true;
}

function addRandom(draft: MatchDraft, { uses }: RulePart): boolean {
  const values = valuesByOption(uses);
  const random = parseProbability(values?.get('--probability') ?? '');
  if (values?.get('--mode') !== 'random' || values.size !== 2) return false;
  if (random === undefined || draft.random !== undefined) return false;
  draft.random = random;
  return true;
}

const wholeMasks: readonly string[] = ['255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'];

function addRecent(draft: MatchDraft, { uses }: RulePart): boolean {
  const values = valuesByOption(uses);
  const mask = values?.get('--mask');
  if (values === undefined || (mask !== undefined && !wholeMasks.includes(mask))) return false;
  values.delete('--mask');
  values.delete('--rsource');
  const recent = recentOf(values);
  if (recent === undefined || !isWord('recent list', recent.name) || draft.recent !== undefined) return false;
  draft.recent = recent;
  return true;
}

function recentOf(values: Map<string, string>): Recent | undefined {
  // libxt_recent.c: the list that rules without a name share.
  const name = values.get('--name') ?? 'DEFAULT';
  values.delete('--name');
  if (values.delete('--set')) return values.size === 0 ? { operation: 'set', name } : undefined;
  const seconds = parseUnsigned(values.get('--seconds') ?? '') ?? 0;
  const isCheck = values.delete('--rcheck') && values.delete('--seconds') && seconds > 0;
  const reap = values.delete('--reap');
  return isCheck && values.size === 0 ? { operation: 'rcheck', name, seconds, reap } : undefined;
}

function addNfacct(draft: MatchDraft, part: RulePart): boolean {
  const use = onlyUse(part, '--nfacct-name');
  if (use === undefined || use.negated || !isWord('nfacct object', use.value) || draft.nfacct !== undefined)
    return false;
  draft.nfacct = use.value;
  return true;
}

/** Undefined when an option is negated or comes twice. */
function valuesByOption(uses: readonly OptionUse[]): Map<string, string> | undefined {
  const values = new Map(uses.map(({ option, values: [value = ''] }) => [option, value]));
  return values.size < uses.length || uses.some(({ negated }) => negated) ? undefined : values;
}
