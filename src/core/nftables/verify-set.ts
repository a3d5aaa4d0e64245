/** What is wrong with a set and its elements. The next set of the same name is mostly the same but for a few groups. */
import type { IpFamily } from '../model/address.ts';
import { changedRange, emptyListMemory, type ListMemory, mapChanged, sameElements } from '../model/list-memory.ts';
import { remember } from '../model/remember.ts';
import type { ElementGroup, NamedSet } from './ruleset.ts';
import { findOverlap } from './verify-blocks.ts';
import { type GroupFacts, groupFacts } from './verify-group.ts';
import { isInteger, maxTimeoutSeconds } from './words.ts';

export interface SetFacts {
  readonly problems: readonly string[];
  /** The chains that the elements of a verdict map lead to. */
  readonly chains: ReadonlySet<string>;
}

/** The facts of the groups that a set had last, and whose group each key was in. */
interface SetMemory extends ListMemory<ElementGroup, GroupFacts> {
  readonly owners: Map<string, ElementGroup>;
  /** The keys by which it is in `owners`. */
  readonly keysOf: WeakMap<ElementGroup, readonly string[]>;
  isSound: boolean;
}

const memories = new Map<string, SetMemory>();

export function setFacts(family: IpFamily, set: NamedSet): SetFacts {
  const { name, key, value, protocol, isInterval, groups } = set;
  const id = `${family} ${name} ${key.join()} ${value} ${protocol} ${isInterval}`;
  const problems = typeProblems(set);
  if (groups.length === 0) {
    memories.delete(id);
    return { problems, chains: noChains };
  }
  const memory = remember(memories, id, () => newMemory());
  const { inputs: before } = memory;
  const facts = mapChanged(memory, groups, (group) => groupFacts(family, set, group));
  const chains = new Set<string>();
  for (const each of facts) {
    if (each.problems.length > 0) problems.push(...each.problems);
    if (each.chains.length > 0) for (const chain of each.chains) chains.add(chain);
  }
  if (!memory.isSound || !sameElements(before, groups)) {
    const conflict = isInterval === true ? findOverlap(groups) : findDuplicate(memory, before);
    if (conflict !== undefined) problems.push(conflict);
    memory.isSound = problems.length === 0;
  }
  return { problems, chains };
}

function newMemory(): SetMemory {
  return { ...emptyListMemory(), owners: new Map(), keysOf: new WeakMap(), isSound: false };
}

const noChains: ReadonlySet<string> = new Set();

function typeProblems({ key, isInterval, timeoutSeconds, value, protocol, groups }: NamedSet): string[] {
  const problems: string[] = [];
  if (key.length === 0) problems.push('a key of no parts');
  if (key.indexOf('slot') >= 0 && key.indexOf('slot') < key.length - 1)
    problems.push('a slot that is not last in its key');
  if (isInterval === true && (value !== undefined || key.includes('slot')))
    problems.push('blocks in a map or with slots');
  if (isInterval === true && key.at(-1) !== 'address') problems.push('blocks that are not last in their key');
  if ((value === 'destination') !== (protocol !== undefined)) problems.push('destinations without a protocol');
  if (timeoutSeconds !== undefined) {
    const isPlain = isInterval === undefined && value === undefined && key.join() === 'address';
    if (!isPlain) problems.push('a timeout for others than addresses');
    if (groups.some(({ elements }) => elements.length > 0)) problems.push('elements that would be forgotten');
    if (!isInteger(timeoutSeconds, 1, maxTimeoutSeconds)) problems.push(`not a timeout: ${timeoutSeconds}`);
  }
  return problems;
}

/** A key that two groups have. In a set that was sound, only what came can be in conflict with what was there. */
function findDuplicate(memory: SetMemory, before: readonly ElementGroup[]): string | undefined {
  const { owners, keysOf, inputs: groups, outputs: facts } = memory;
  if (!memory.isSound) owners.clear();
  const { start, beforeEnd, end } = changedRange(memory.isSound ? before : [], groups);
  for (const group of before.slice(start, beforeEnd)) {
    for (const key of keysOf.get(group) ?? []) owners.delete(key);
  }
  for (let i = start; i < end; i += 1) {
    const group = groups[i];
    const { keys = [] } = facts[i] ?? {};
    if (group === undefined) continue;
    keysOf.set(group, keys);
    for (const key of keys) {
      const other = owners.get(key);
      if (other !== undefined) return `${quote(other.owner)} and ${quote(group.owner)} both have ${key}`;
      owners.set(key, group);
    }
  }
  return undefined;
}

function quote(owner: string): string {
  return JSON.stringify(owner);
}
