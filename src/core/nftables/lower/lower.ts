/**
 * From the plan to the nftables ruleset: fixed chains, a few more for each number of endpoints, and sets for the rest.
 */

import type { Plan, ServicePortPlan } from '../../model/plan.ts';
import { type ChunkMemory, emptyChunkMemory, mapRemembered } from '../../structures/chunked.ts';
import { compareText } from '../../structures/compare-text.ts';
import { memoize } from '../../structures/memoize.ts';
import { remember } from '../../structures/remember.ts';
import type { ElementGroup, NamedSet, NftablesChain, NftablesRuleset } from '../ruleset.ts';
import { sharedSets } from './declarations.ts';
import { emptyNodeMemory, type NodeMemory, type NodeParts, nodeGroups } from './node-elements.ts';
import type { Senders } from './routes.ts';
import { type LoweredServicePort, lowerServicePort, type SharedChains } from './service-port.ts';
import { bitOf, staticChains } from './static-chains.ts';

/** The complete ruleset of one family. Groups of elements keep their identity while their service port does. */
export function lower(plan: Plan, memory: NftablesLowerMemory = emptyNftablesLowerMemory()): NftablesRuleset {
  const last = recall(memory, plan);
  const lowered = mapRemembered(
    last.servicePorts,
    plan.servicePorts,
    (servicePort, known) => known ?? lowerServicePort(servicePort, last.senders, last.shared),
  );
  const parts = lowered.map(collect);
  const shared = new Set(parts.flatMap((part) => part.shared));
  dropUnused(last.shared, shared);
  const ofNode = nodeGroups(plan, parts, last.node);
  const groupsOf = (set: string): NamedSet['groups'] =>
    ofNode.get(set) ?? parts.flatMap(({ groups }) => [groups.get(set) ?? []].filter(({ length }) => length > 0));
  return {
    family: plan.family,
    sets: [...sharedSets.map((set) => ({ ...set, groups: groupsOf(set.name) })), ...parts.flatMap(({ sets }) => sets)],
    chains: [...staticChains(plan), ...sharedChainsOf(shared), ...parts.flatMap(({ chains }) => chains)],
  };
}

/** What was lowered last. Another way to tell senders begins anew. */
export interface NftablesLowerMemory {
  last: LoweredLast | undefined;
}

interface LoweredLast {
  readonly senders: Senders;
  readonly servicePorts: ChunkMemory<ServicePortPlan, LoweredServicePort>;
  readonly shared: Map<string, SharedChains>;
  readonly node: NodeMemory;
}

export function emptyNftablesLowerMemory(): NftablesLowerMemory {
  return { last: undefined };
}

function recall(memory: NftablesLowerMemory, { localPods, masqueradeMark }: Plan): LoweredLast {
  const { last } = memory;
  const senders = { localPods, markBit: bitOf(masqueradeMark) };
  if (last?.senders.localPods === localPods && last.senders.markBit === senders.markBit) return last;
  memory.last = { senders, servicePorts: emptyChunkMemory(), shared: new Map(), node: emptyNodeMemory() };
  return memory.last;
}

/** What the service ports of a chunk add to the ruleset. */
interface Parts extends NodeParts {
  /** By the name of the set. */
  readonly groups: ReadonlyMap<string, readonly ElementGroup[]>;
  readonly shared: readonly SharedChains[];
  readonly chains: readonly NftablesChain[];
  readonly sets: readonly NamedSet[];
}

const collect = memoize((chunk: readonly LoweredServicePort[]): Parts => {
  const groups = new Map<string, ElementGroup[]>();
  for (const each of chunk) {
    for (const [set, group] of each.groups) remember(groups, set, () => []).push(group);
  }
  return {
    groups,
    shared: [...new Set(chunk.flatMap(({ shared }) => shared))],
    chains: chunk.flatMap(({ chains }) => chains),
    sets: chunk.flatMap(({ sets }) => sets),
    clusterIps: chunk.flatMap(({ clusterIp }) => clusterIp ?? []),
  };
});

/** Pools come in many sizes over the months; of each shape only what is in use is kept. */
function dropUnused(known: Map<string, SharedChains>, used: ReadonlySet<SharedChains>): void {
  for (const [name, chains] of known) {
    if (!used.has(chains)) known.delete(name);
  }
}

/** Each chain once, sorted by name. */
function sharedChainsOf(shared: ReadonlySet<SharedChains>): readonly NftablesChain[] {
  const byName = new Map([...shared].flat().map((chain) => [chain.name, chain]));
  return [...byName.values()].toSorted((a, b) => compareText(a.name, b.name));
}
