/**
 * Converts a listing of our table to an `NftablesRuleset`, and reports everything that our rulesets never contain.
 * `parseRuleset(family, printRuleset(ruleset))` gives the same ruleset, except for the owners of elements.
 */
import type { IpFamily } from '../../model/address.ts';
import type { ParsedRuleset, ParseProblem } from '../../model/parsed-ruleset.ts';
import type {
  Element,
  Key,
  NamedSet,
  NftablesChain,
  NftablesHook,
  NftablesMatch,
  NftablesRule,
  NftablesRuleset,
  Statement,
} from '../ruleset.ts';
import { addressWords, isName, tableName } from '../words.ts';
import { readTables, type StrayLine, type TextBlock } from './blocks.ts';
import { type AcceptElement, readElements } from './elements.ts';
import { readHook } from './hook.ts';
import { openRule, takePart } from './rule.ts';
import type { ForeignElement, ForeignMatch, ForeignSet, ForeignStatement } from './ruleset.ts';
import { readSet } from './set.ts';
import { splitWords } from './tokens.ts';

/**
 * Reads what `nft list table ip rulewright` prints, with or without handles and counters, and our own scripts. Never
 * throws: a line that our tables never contain becomes a problem, and the remaining lines are still read. All elements
 * of a set are in one group whose owner is '': the kernel knows no owners. Elements that were learned from packets
 * (`expires`) are skipped.
 */
export function parseRuleset(family: IpFamily, text: string): ParsedRuleset<NftablesRuleset> {
  const own = `${addressWords[family]} ${tableName}`;
  const { tables, strays } = readTables(text);
  const sets: NamedSet[] = [];
  const chains: NftablesChain[] = [];
  const problems = strays.flatMap((stray) => problemOfStray(stray, own));
  for (const table of tables) {
    if (`${table.family} ${table.name}` !== own) {
      const head = `table ${table.family} ${table.name} {`;
      problems.push({ line: table.line, text: head, problem: `not table ${own}` });
      continue;
    }
    for (const block of table.blocks) {
      const isSet = block.kind === 'set' || block.kind === 'map';
      if (!isName(block.name) || (!isSet && block.kind !== 'chain')) {
        const head = `${block.kind} ${block.name} {`;
        problems.push({ line: block.line, text: head, problem: `not a set, map or chain of ours: ${head}` });
      } else if (isSet) sets.push(...narrowSet(family, block, problems));
      else chains.push(...narrowChain(family, block, problems));
    }
  }
  return { ruleset: { family, sets, chains }, problems: problems.sort((a, b) => a.line - b.line) };
}

function problemOfStray({ line, text, kind, table }: StrayLine, own: string): readonly ParseProblem[] {
  if (kind === 'open') return [{ line, text, problem: `${text.split(' ', 1)[0]} without its closing brace` }];
  if (table === undefined) return [{ line, text, problem: `not table ${own}` }];
  return table === own ? [{ line, text, problem: `not a set, map or chain of ours: ${text}` }] : [];
}

/** The set, unless its declaration is invalid; errors in its lines are added to `problems`. */
function narrowSet(family: IpFamily, block: TextBlock, problems: ParseProblem[]): readonly NamedSet[] {
  const { declaration, problem, elements: between, lineProblems } = readSet(family, block);
  for (const { line, text, problem: each } of lineProblems) problems.push({ line, text, problem: each });
  let elements: readonly Element[] = [];
  // Elements of a set with a timeout were all learned from packets.
  if (between !== undefined && declaration.timeoutSeconds === undefined) {
    const isInterval = declaration.isInterval === true;
    const accepts: AcceptElement<Element> = (element, hasComment): element is Element =>
      !hasComment && isOurElement(element, isInterval);
    const read = readElements(between.text, { family, ...declaration }, accepts);
    elements = read.elements;
    if (read.strays.length > 0) {
      problems.push({ ...between, problem: `not elements of this set: ${read.strays.slice(0, 5).join(', ')}` });
    }
  }
  if (block.end === undefined) return [];
  if (problem !== undefined) {
    problems.push({ line: block.end, text: '}', problem });
    return [];
  }
  return [{ ...declaration, groups: elements.length === 0 ? [] : [[{ owner: '', elements }]] }];
}

function isOurElement({ key, value }: ForeignElement, isInterval: boolean): boolean {
  if (!isInterval && key.some((part) => typeof part === 'string' && part.includes('/'))) return false;
  switch (value?.kind) {
    case 'accept':
    case 'return':
    case 'continue':
      return false;
    case 'jump':
    case 'goto':
      return isName(value.chain);
    default:
      return true;
  }
}

/** The chain; errors in its lines are added to `problems`. */
function narrowChain(
  family: IpFamily,
  { name, lines, end }: TextBlock,
  problems: ParseProblem[],
): readonly NftablesChain[] {
  let hook: NftablesHook | undefined;
  const rules: NftablesRule[] = [];
  for (const { line, text } of lines) {
    if (text.startsWith('type ')) {
      const read = hook === undefined ? readHook(text) : undefined;
      if (read === undefined || read.policy === 'drop') {
        problems.push({ line, text, problem: `not understood: ${text}` });
      } else hook = read;
      continue;
    }
    const rule = narrowRule(family, text);
    if (typeof rule === 'string') problems.push({ line, text, problem: rule });
    else rules.push(rule);
  }
  if (end === undefined) return [];
  return [hook === undefined ? { name, rules } : { name, hook, rules }];
}

/** A rule as `nft list` shows it; an error text if our tables never contain such a rule. */
export function narrowRule(family: IpFamily, text: string): NftablesRule | string {
  const anonymous = new Map<string, Omit<ForeignSet, 'name'>>();
  const open = openRule(family, text, (set) => {
    const name = `__${anonymous.size}`;
    anonymous.set(name, set);
    return name;
  });
  let matches: readonly NftablesMatch[] = [];
  let statements: readonly Statement[] = [];
  while (open.at < open.words.length) {
    const start = open.at;
    if (open.words[start] === 'comment') return 'not a comment at the end';
    const isTaken = takePart(open) && !open.isLoose;
    matches = open.matches.filter(isOurMatch);
    statements = open.statements.flatMap((statement) => narrowStatement(statement, anonymous));
    if (!isTaken || matches.length < open.matches.length || statements.length < open.statements.length) {
      return `not understood: ${splitWords(text).slice(start).join(' ')}`;
    }
  }
  const { comment } = open;
  if (matches.length + statements.length > 0)
    return { matches, statements, ...(comment === undefined ? {} : { comment }) };
  return comment === undefined ? 'an empty rule' : 'nothing but a comment';
}

function isOurMatch(match: ForeignMatch): match is NftablesMatch {
  switch (match.kind) {
    case 'ctStates':
    case 'mark':
    case 'opaque':
      return false;
    case 'local':
      return !('negated' in match);
    case 'in':
      return isName(match.set);
    default:
      return true;
  }
}

/** The statement in a list; empty if our rules never contain it. */
function narrowStatement(
  statement: ForeignStatement,
  anonymous: ReadonlyMap<string, Omit<ForeignSet, 'name'>>,
): readonly Statement[] {
  switch (statement.kind) {
    case 'mark':
    case 'opaque':
      return [];
    case 'jump':
    case 'goto':
      return isName(statement.chain) ? [statement] : [];
    case 'remember':
      return isName(statement.set) ? [statement] : [];
    case 'dnatMap':
      return isName(statement.map) ? [statement] : [];
    case 'verdictMap': {
      const map = anonymous.get(statement.map);
      if (map !== undefined) return narrowChoice(statement.key, map);
      return isName(statement.map) ? [statement] : [];
    }
    default:
      return [statement];
  }
}

/** `numgen random mod 2 vmap { 0 : goto a, 1 : goto b }`. */
function narrowChoice([field, ...others]: Key, { groups }: Omit<ForeignSet, 'name'>): readonly Statement[] {
  const elements = groups.flat().flatMap((group) => group.elements);
  const chains = elements.flatMap(({ key: [slot], value }, i) =>
    slot === i && value?.kind === 'goto' && isName(value.chain) ? [value.chain] : [],
  );
  const isChoice = typeof field === 'object' && others.length === 0 && field.random === elements.length;
  return isChoice && chains.length === elements.length ? [{ kind: 'chooseChain', chains }] : [];
}
