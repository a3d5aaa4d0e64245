/**
 * The last look at a ruleset before it is printed: it loads, and it means what it says. iptables-restore would find
 * most of this too, but only on the node, for one table at a time and without telling which service it is about.
 */
import type { IpFamily } from '../../model/address.ts';
import { type ChunkMemory, emptyChunkMemory, mapRemembered } from '../../structures/chunked.ts';
import { findCycle } from '../../structures/cycles.ts';
import { sameElements } from '../../structures/list-difference.ts';
import { remember } from '../../structures/remember.ts';
import { uncalledChains } from '../chain-owners.ts';
import { maxChainNameLength } from '../names.ts';
import { builtInChains, isTableName, isTargetName } from '../options.ts';
import type { IptablesChain, IptablesRuleset, Table, TableName } from '../ruleset.ts';
import { isWord } from '../words.ts';
import { checkRule } from './rule.ts';

/** What was found in the last table of each family and name. */
export interface IptablesCheckMemory {
  readonly tables: Map<string, TableMemory>;
}

export function emptyIptablesCheckMemory(): IptablesCheckMemory {
  return { tables: new Map() };
}

/** What is wrong with a ruleset, each with its table, chain and rule; empty when it is sound. */
export function checkRuleset(
  { family, tables }: IptablesRuleset,
  memory: IptablesCheckMemory = emptyIptablesCheckMemory(),
): readonly string[] {
  const seen = new Set<TableName>();
  return tables.flatMap((table) => {
    if (!isTableName(table.name)) return [`not a table: ${JSON.stringify(table.name)}`];
    if (seen.has(table.name)) return [`table ${table.name} comes twice`];
    seen.add(table.name);
    return checkTable(family, table, memory);
  });
}

/** What was found in one chain: it stays true as long as the chain is the same value. */
interface ChainFacts {
  readonly problems: readonly string[];
  /** The chains that its rules jump or go to, each once. */
  readonly callees: readonly string[];
}

/** The facts of the last table, and whether it was sound. */
interface TableMemory extends ChunkMemory<IptablesChain, ChainFacts> {
  isSound: boolean;
}

function checkTable(family: IpFamily, table: Table, { tables }: IptablesCheckMemory): readonly string[] {
  const memory = remember(tables, `${family} ${table.name}`, () => ({ ...emptyChunkMemory(), isSound: false }));
  // One chunk, as chains come in no others.
  const {
    inputs: [oldChains = []],
    outputs: [oldFacts = []],
    isSound,
  } = memory;
  const [facts = []] = mapRemembered(
    memory,
    [table.chains],
    (chain, known) => known ?? { problems: chainProblems(chain, family, table.name), callees: calleesOf(chain) },
  );
  const isAsBefore = (chain: IptablesChain, i: number): boolean =>
    chain === oldChains[i] || isSameCaller({ chain, facts: facts[i] }, { chain: oldChains[i], facts: oldFacts[i] });
  if (isSound && oldChains.length === table.chains.length && table.chains.every(isAsBefore)) return [];
  const problems = checkChains(table, facts);
  memory.isSound = problems.length === 0;
  return problems;
}

interface Caller {
  readonly chain: IptablesChain | undefined;
  readonly facts: ChainFacts | undefined;
}

/** A chain that is sound in itself and calls what it called before leaves the whole as sound as it was. */
function isSameCaller(now: Caller, before: Caller): boolean {
  return (
    now.chain?.name === before.chain?.name &&
    now.facts?.problems.length === 0 &&
    sameElements(now.facts.callees, before.facts?.callees ?? [])
  );
}

function checkChains(table: Table, facts: readonly ChainFacts[]): readonly string[] {
  const problems: string[] = [];
  const numbers = new Map<string, number>();
  for (const [number, { name }] of table.chains.entries()) {
    problems.push(...(facts[number]?.problems ?? []));
    if (numbers.has(name)) problems.push(`${table.name} ${name}: a chain of this name comes twice`);
    numbers.set(name, number);
  }
  return [...problems, ...checkCalls(table, numbers, facts)];
}

/** Every callee exists and is no built-in chain; every chain of ours is called; no chain calls itself on some way. */
function checkCalls(
  { name: table, chains }: Table,
  numbers: ReadonlyMap<string, number>,
  facts: readonly ChainFacts[],
): readonly string[] {
  const problems: string[] = [];
  const builtIn = builtInChains[table];
  const isCalled = new Uint8Array(facts.length);
  const calls = facts.map(({ callees }, caller) => {
    const found: number[] = [];
    for (const callee of callees) {
      const number = numbers.get(callee);
      if (number === undefined) {
        problems.push(`${table} ${chains[caller]?.name}: no chain ${callee} in this table`);
      } else if (builtIn.includes(callee)) {
        problems.push(`${table} ${chains[caller]?.name}: a jump to built-in ${callee}`);
      } else {
        isCalled[number] = 1;
        found.push(number);
      }
    }
    return found;
  });
  for (const [number, { name }] of chains.entries()) {
    if (isCalled[number] === 1 || builtIn.includes(name) || uncalledChains.has(name)) continue;
    problems.push(`${table} ${name}: no rule jumps to this chain`);
  }
  const cycle = findCycle(calls);
  if (cycle !== undefined) {
    problems.push(`${table} ${cycle.map((number) => chains[number]?.name).join(' -> ')}: chains that call each other`);
  }
  return problems;
}

function chainProblems({ name, policy, rules }: IptablesChain, family: IpFamily, table: TableName): readonly string[] {
  const problems: string[] = [];
  const isBuiltIn = builtInChains[table].includes(name);
  if (!isBuiltIn && Object.values(builtInChains).some((names) => names.includes(name))) {
    problems.push('a built-in chain that this table does not have');
  }
  if (!isWord('chain', name) || isTargetName(name)) problems.push('not a name for a chain');
  if (name.length > maxChainNameLength) problems.push(`a name of more than ${maxChainNameLength} characters`);
  if (policy !== undefined && !isBuiltIn) problems.push('a policy, which only built-in chains have');
  if (policy === 'DROP' && table === 'nat') problems.push('policy DROP in table nat');
  const place = { family, table, chain: name };
  for (const [index, rule] of rules.entries()) {
    for (const problem of checkRule(rule, place)) problems.push(`rule ${index + 1}: ${problem}`);
  }
  return problems.map((problem) => `${table} ${name}: ${problem}`);
}

function calleesOf({ rules }: IptablesChain): readonly string[] {
  const callees = new Set<string>();
  for (const { target } of rules) {
    if (target?.kind === 'jump' || target?.kind === 'goto') callees.add(target.chain);
  }
  return [...callees];
}
