/**
 * The last check of a ruleset before it is printed: it can be loaded, and it is consistent. nft would find most errors
 * too, but only on the node and without naming the Service. The contents of a chain or a group of elements are checked
 * once for each such value.
 */

import { findCycle } from '../../structures/cycles.ts';
import type { NamedSet, NftablesChain, NftablesRuleset } from '../ruleset.ts';
import { isName } from '../words.ts';
import { type ChainFacts, chainFacts, type Lookup } from './rule.ts';
import { emptyNftablesCheckMemory, factsOfSets, type NftablesCheckMemory, type SetFacts } from './set.ts';

/** The errors in a ruleset, each with its set or chain; empty if it is sound. */
export function checkRuleset(
  { family, sets, chains }: NftablesRuleset,
  memory: NftablesCheckMemory = emptyNftablesCheckMemory(),
): readonly string[] {
  const namedSets = byName(sets);
  const ofSets = factsOfSets(family, sets, memory);
  const ofChains = chains.map(chainFacts(family));
  return [
    ...nameProblems('set', sets),
    ...nameProblems('chain', chains),
    ...sets.flatMap((set, i) => (ofSets[i]?.problems ?? []).map((problem) => `set ${set.name}: ${problem}`)),
    ...chains.flatMap((chain, i) => chainProblems(chain, ofChains[i], namedSets)),
    ...checkCalls({ sets, chains, ofSets, ofChains }),
  ];
}

function byName<T extends { readonly name: string }>(values: readonly T[]): ReadonlyMap<string, T> {
  return new Map(values.map((value) => [value.name, value]));
}

function nameProblems(kind: string, values: readonly { readonly name: string }[]): readonly string[] {
  const seen = new Set<string>();
  return values.flatMap(({ name }) => {
    const isRepeated = seen.has(name);
    seen.add(name);
    return [
      ...(isName(name) ? [] : [`not a name for a ${kind}: ${JSON.stringify(name)}`]),
      ...(isRepeated ? [`${kind} ${name} comes twice`] : []),
    ];
  });
}

function chainProblems(
  { name }: NftablesChain,
  facts: ChainFacts | undefined,
  sets: ReadonlyMap<string, NamedSet>,
): readonly string[] {
  const { problems = [], lookups = [] } = facts ?? {};
  return [
    ...problems.map((problem) => `chain ${name}: ${problem}`),
    ...lookups.flatMap((lookup) => {
      const problem = lookupProblem(lookup, sets.get(lookup.set));
      return problem === undefined ? [] : [`chain ${name}: ${problem}`];
    }),
  ];
}

/** A look-up must use the key type and the kind of value of its set. */
function lookupProblem(lookup: Lookup, set: NamedSet | undefined): string | undefined {
  if (set === undefined) return `no set ${lookup.set}`;
  if (lookup.key.join() !== set.key.join()) return `set ${set.name} has keys of another type`;
  if (lookup.value !== set.value) return `set ${set.name} has not the values that are asked for`;
  const learns = set.timeoutSeconds !== undefined;
  return lookup.writes && !learns ? `set ${set.name} is not for elements from packets` : undefined;
}

interface Facts extends Pick<NftablesRuleset, 'sets' | 'chains'> {
  readonly ofSets: readonly SetFacts[];
  readonly ofChains: readonly ChainFacts[];
}

/** Every callee exists and has no hook; every other chain is called; no chain calls itself, directly or not. */
function checkCalls({ sets, chains, ofSets, ofChains }: Facts): readonly string[] {
  const problems: string[] = [];
  const numbers = new Map(chains.map(({ name }, number) => [name, number]));
  const isCalled = new Uint8Array(chains.length);
  const call = (caller: string, callees: Iterable<string>): number[] => {
    const found: number[] = [];
    for (const callee of callees) {
      const number = numbers.get(callee);
      if (number === undefined || chains[number]?.hook !== undefined) {
        problems.push(`${caller}: ${number === undefined ? 'no chain' : 'a jump to a chain with a hook,'} ${callee}`);
      } else {
        isCalled[number] = 1;
        found.push(number);
      }
    }
    return found;
  };
  const ofMap = new Map(sets.map(({ name }, i) => [name, call(`set ${name}`, ofSets[i]?.chains ?? [])]));
  // A look-up in a verdict map may lead to any chain in it.
  const calls = ofChains.map(({ callees, lookups }, i) => {
    const own = call(`chain ${chains[i]?.name}`, callees);
    const maps = new Set(lookups.filter(({ value }) => value === 'verdict').map(({ set }) => set));
    return [...own, ...[...maps].flatMap((set) => ofMap.get(set) ?? [])];
  });
  for (const [number, { name, hook }] of chains.entries()) {
    if (isCalled[number] !== 1 && hook === undefined) problems.push(`chain ${name}: nothing leads to this chain`);
  }
  const cycle = findCycle(calls);
  if (cycle !== undefined)
    problems.push(`${cycle.map((n) => chains[n]?.name).join(' -> ')}: chains that call each other`);
  return problems;
}
