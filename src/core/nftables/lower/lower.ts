/**
 * From the plan to the nftables ruleset: fixed chains, a few more for each number of endpoints, and sets for the rest.
 */

import type { LocalPodMatch, Plan, ServicePortPlan } from '../../model/plan.ts';
import { type ChunkMemory, emptyMemory, mapRemembered } from '../../structures/chunked.ts';
import { compareText } from '../../structures/compare-text.ts';
import { remember } from '../../structures/remember.ts';
import type { ElementGroup, NamedSet, NftablesChain, NftablesRuleset } from '../ruleset.ts';
import { sharedSets } from './declarations.ts';
import { emptyNodeMemory, type NodeMemory, type NodeParts, nodeGroups } from './node-elements.ts';
import type { Senders } from './routes.ts';
import { type LoweredServicePort, lowerServicePort, type SharedChains } from './service-port.ts';
import { bitOf, staticChains } from './static-chains.ts';

/** The complete ruleset of one family. Groups of elements keep their identity while their service port does. */
export function lower(plan: Plan): NftablesRuleset {
  const memo = remember(memos, plan.localPods, () => newMemo(plan));
  const lowered = mapRemembered(
    memo.servicePorts,
    plan.servicePorts,
    (servicePort, known) => known ?? lowerServicePort(servicePort, memo.senders, memo.shared),
  );
  const parts = lowered.map((chunk) => remember(memo.parts, chunk, () => collect(chunk)));
  const shared = new Set(parts.flatMap((part) => part.shared));
  dropUnused(memo.shared, shared);
  const ofNode = nodeGroups(plan, parts, memo.node);
  const groupsOf = (set: string): NamedSet['groups'] =>
    ofNode.get(set) ?? parts.flatMap(({ groups }) => [groups.get(set) ?? []].filter(({ length }) => length > 0));
  return {
    family: plan.family,
    sets: [...sharedSets.map((set) => ({ ...set, groups: groupsOf(set.name) })), ...parts.flatMap(({ sets }) => sets)],
    chains: [...staticChains(plan), ...sharedChainsOf(shared), ...parts.flatMap(({ chains }) => chains)],
  };
}

/** What is remembered between compiles for the settings of one node, which have one `localPods`. */
interface Memo {
  readonly senders: Senders;
  readonly servicePorts: ChunkMemory<ServicePortPlan, LoweredServicePort>;
  readonly parts: WeakMap<readonly LoweredServicePort[], Parts>;
  readonly shared: Map<string, SharedChains>;
  readonly node: NodeMemory;
}

const memos = new WeakMap<LocalPodMatch, Memo>();

function newMemo({ localPods, masqueradeMark }: Plan): Memo {
  const senders = { localPods, markBit: bitOf(masqueradeMark) };
  return { senders, servicePorts: emptyMemory(), parts: new WeakMap(), shared: new Map(), node: emptyNodeMemory() };
}

/** What a chunk of service ports comes to. */
interface Parts extends NodeParts {
  /** By the name of the set. */
  readonly groups: ReadonlyMap<string, readonly ElementGroup[]>;
  readonly shared: readonly SharedChains[];
  readonly chains: readonly NftablesChain[];
  readonly sets: readonly NamedSet[];
}

function collect(chunk: readonly LoweredServicePort[]): Parts {
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
    hairpins: chunk.flatMap(({ hairpins }) => hairpins),
  };
}

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
