/** Parses nft listings (`nft list ruleset` or `nft list table`) of tables made by any program. */
import type { IpFamily } from '../../model/address.ts';
import type { ParsedRuleset, ParseProblem } from '../../model/parsed-ruleset.ts';
import { readTables, type TextBlock, type TextTable } from './blocks.ts';
import { acceptAll, readElements } from './elements.ts';
import { readHook } from './hook.ts';
import { parseRule } from './rule.ts';
import type { ForeignChain, ForeignHook, ForeignRule, ForeignRuleset, ForeignSet } from './ruleset.ts';
import { readSet } from './set.ts';

/**
 * A table of the families ip and ip6. The lines in `problems` are not in the ruleset, but may affect packets.
 * Unsupported words in rules and unsupported elements of sets are kept in the ruleset, and marked.
 */
export interface ForeignTable extends ParsedRuleset<ForeignRuleset> {
  readonly name: string;
}

/** A whole listing. */
export interface ForeignTables {
  readonly tables: readonly ForeignTable[];
  /** `inet filter`: tables of families that service proxies do not use. */
  readonly others: readonly string[];
  /** Lines outside every table. */
  readonly problems: readonly ParseProblem[];
}

/** Reads a listing, with or without handles and counters. Never throws. */
export function parseTables(text: string): ForeignTables {
  const { tables, strays } = readTables(text);
  return {
    tables: tables.flatMap((table) => {
      const family = families.get(table.family);
      return family === undefined ? [] : [parseTable(family, table)];
    }),
    others: tables.filter(({ family }) => !families.has(family)).map(({ family, name }) => `${family} ${name}`),
    problems: strays
      .filter(({ kind }) => kind !== 'attribute')
      .map(({ line, text: stray }) => ({ line, text: stray, problem: 'not part of a table' })),
  };
}

const families: ReadonlyMap<string, IpFamily> = new Map([
  ['ip', 'IPv4'],
  ['ip6', 'IPv6'],
]);

/** Blocks that affect packets only through rules that name them; such rules are unsupported. */
const bystanders: ReadonlySet<string> = new Set(['counter', 'quota', 'limit', 'ct helper', 'ct timeout', 'flowtable']);

function parseTable(family: IpFamily, { name, blocks }: TextTable): ForeignTable {
  const sets: ForeignSet[] = [];
  const chains: ForeignChain[] = [];
  const problems: ParseProblem[] = [];
  let anonymous = 0;
  const addSet = (set: Omit<ForeignSet, 'name'>): string => {
    // The kernel's names for anonymous sets. Named sets cannot collide: the kernel never lists these names.
    const setName = `__${set.value === undefined ? 'set' : 'map'}${anonymous}`;
    anonymous += 1;
    sets.push({ name: setName, ...set });
    return setName;
  };
  for (const block of blocks) {
    if (block.kind === 'chain') chains.push(parseChain(family, block, { addSet, problems }));
    else if (block.kind === 'set' || block.kind === 'map') sets.push(parseSet(family, block));
    else if (!bystanders.has(block.kind)) {
      problems.push({ line: block.line, text: `${block.kind} ${block.name}`, problem: 'no set, map or chain' });
    }
  }
  return { name, ruleset: { family, sets, chains }, problems };
}

/** Partial if some of it is unsupported; without elements if its keys are unsupported. */
function parseSet(family: IpFamily, block: TextBlock): ForeignSet {
  const { declaration, problem, elements: between, lineProblems } = readSet(family, block);
  const read =
    problem === undefined && between !== undefined
      ? readElements(between.text, { family, ...declaration }, acceptAll)
      : { elements: [], learned: [], strays: [] };
  const { elements, learned, strays } = read;
  const isPartial = problem !== undefined || strays.length > 0 || lineProblems.some(({ isSilent }) => !isSilent);
  return {
    ...declaration,
    groups: elements.length === 0 ? [] : [[{ owner: '', elements }]],
    ...(learned.length === 0 ? {} : { learned }),
    ...(isPartial ? { isPartial: true } : {}),
  };
}

interface ChainTools {
  readonly addSet: (set: Omit<ForeignSet, 'name'>) => string;
  readonly problems: ParseProblem[];
}

function parseChain(family: IpFamily, { name, lines }: TextBlock, { addSet, problems }: ChainTools): ForeignChain {
  let hook: ForeignHook | undefined;
  const rules: ForeignRule[] = [];
  for (const { line, text } of lines) {
    if (text.startsWith('type ')) {
      hook = readHook(text);
      if (hook === undefined) problems.push({ line, text, problem: `a hook of chain ${name} that is not understood` });
    } else if (!text.startsWith('comment ')) {
      rules.push(parseRule(family, text, addSet));
    }
  }
  return hook === undefined ? { name, rules } : { name, hook, rules };
}
