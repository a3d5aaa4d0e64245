/** Finds errors in a set and its elements. The next set of the same name usually differs in a few groups only. */
import type { IpFamily } from '../../model/address.ts';
import {
  type Chunked,
  type ChunkMemory,
  changedValues,
  emptyChunkMemory,
  mapRemembered,
} from '../../structures/chunked.ts';
import { memoize } from '../../structures/memoize.ts';
import type { ElementGroup, NamedSet } from '../ruleset.ts';
import { isInteger, maxTimeoutSeconds } from '../words.ts';
import { findOverlap } from './blocks.ts';
import { type GroupFacts, groupFacts } from './group.ts';

export interface SetFacts {
  readonly problems: readonly string[];
  /** The chains that the elements of a verdict map lead to. */
  readonly chains: ReadonlySet<string>;
}

/** The result for each set with elements of the last ruleset, by family, name and type. */
export interface NftablesCheckMemory {
  sets: Map<string, SetMemory>;
}

export function emptyNftablesCheckMemory(): NftablesCheckMemory {
  return { sets: new Map() };
}

/** The facts of the last groups of a set, and the group of each key. */
interface SetMemory extends ChunkMemory<ElementGroup, GroupFacts> {
  readonly owners: Map<string, GroupFacts>;
  isSound: boolean;
}

/** The results of all sets, in order. Results of removed or empty sets are forgotten. */
export function factsOfSets(
  family: IpFamily,
  sets: readonly NamedSet[],
  memory: NftablesCheckMemory,
): readonly SetFacts[] {
  const { sets: known } = memory;
  memory.sets = new Map();
  return sets.map((set) => {
    const { name, key, value, protocol, isInterval, groups } = set;
    if (groups.length === 0) return { problems: typeProblems(set), chains: noChains };
    const id = `${family} ${name} ${key.join()} ${value} ${protocol} ${isInterval}`;
    const ofSet = known.get(id) ?? { ...emptyChunkMemory(), owners: new Map(), isSound: false };
    memory.sets.set(id, ofSet);
    return setFacts(family, set, ofSet);
  });
}

function setFacts(family: IpFamily, set: NamedSet, memory: SetMemory): SetFacts {
  const { isInterval, groups } = set;
  const problems = typeProblems(set);
  const { outputs: before } = memory;
  const facts = mapRemembered(memory, groups, (group, known) => known ?? groupFacts(family, set, group));
  const chains = new Set<string>();
  let keyCount = 0;
  for (const chunk of facts) {
    const ofChunk = unite(chunk);
    keyCount += ofChunk.keyCount;
    for (const problem of ofChunk.problems) problems.push(problem);
    for (const chain of ofChunk.chains) chains.add(chain);
  }
  if (!memory.isSound || facts !== before) {
    const conflict = isInterval === true ? findOverlap(groups.flat()) : findDuplicate(memory, before, keyCount);
    if (conflict !== undefined) problems.push(conflict);
    memory.isSound = problems.length === 0;
  }
  return { problems, chains };
}

/** The results of all groups of a chunk. */
const unite = memoize((chunk: readonly GroupFacts[]): SetFacts & { readonly keyCount: number } => ({
  problems: chunk.flatMap(({ problems }) => problems),
  chains: new Set(chunk.flatMap(({ chains }) => chains)),
  keyCount: chunk.reduce((sum, { keys }) => sum + keys.length, 0),
}));

/** nft keeps the types of a key in 32 bits, 6 for each (TYPE_BITS); nft 1.1.3 aborts when it lists a longer one. */
const maxKeyParts = 5;

const noChains: ReadonlySet<string> = new Set();

function typeProblems({ key, isInterval, timeoutSeconds, value, protocol, groups }: NamedSet): string[] {
  const problems: string[] = [];
  if (key.length === 0) problems.push('a key of no parts');
  if (key.length > maxKeyParts) problems.push(`a key of more than ${maxKeyParts} parts`);
  if (key.indexOf('slot') >= 0 && key.indexOf('slot') < key.length - 1)
    problems.push('a slot that is not last in its key');
  if (isInterval === true && (value !== undefined || key.includes('slot')))
    problems.push('blocks in a map or with slots');
  if (isInterval === true && key.at(-1) !== 'address') problems.push('blocks that are not last in their key');
  if ((value === 'destination') !== (protocol !== undefined)) problems.push('destinations without a protocol');
  if (timeoutSeconds !== undefined) {
    const isPlain = isInterval === undefined && value === undefined && key.join() === 'address';
    if (!isPlain) problems.push('a timeout for others than addresses');
    if (groups.flat().some(({ elements }) => elements.length > 0)) problems.push('elements that would be forgotten');
    if (!isInteger(timeoutSeconds, 1, maxTimeoutSeconds)) problems.push(`not a timeout: ${timeoutSeconds}`);
  }
  return problems;
}

/** A key in two groups. In a set that was sound, only new groups can cause a conflict. */
function findDuplicate(memory: SetMemory, before: Chunked<GroupFacts>, keyCount: number): string | undefined {
  const { owners, outputs, isSound } = memory;
  if (!isSound) owners.clear();
  const { gone, come } = changedValues(isSound ? before : [], outputs);
  for (const { keys } of gone) for (const key of keys) owners.delete(key);
  for (const facts of come) {
    for (const key of facts.keys) {
      const other = owners.get(key);
      if (other !== undefined) return `${quote(other.owner)} and ${quote(facts.owner)} both have ${key}`;
      owners.set(key, facts);
    }
  }
  // A group that existed and now exists twice counts as neither added nor removed.
  return owners.size === keyCount ? undefined : findDuplicate({ ...memory, isSound: false }, [], keyCount);
}

function quote(owner: string): string {
  return JSON.stringify(owner);
}
