/**
 * From the plan to the nftables ruleset: fixed chains, a few more for each number of endpoints, and sets for the rest.
 */
import { compareText } from '../model/address.ts';
import { emptyListMemory, type ListMemory, mapChanged } from '../model/list-memory.ts';
import type { LocalPodMatch, Plan, ServicePortPlan } from '../model/plan.ts';
import { remember } from '../model/remember.ts';
import { sharedSets } from './declarations.ts';
import { emptyNodeMemory, type NodeMemory, nodeGroups } from './node-elements.ts';
import type { Senders } from './routes.ts';
import type { Chain, ElementGroup, NamedSet, Ruleset } from './ruleset.ts';
import { type LoweredServicePort, lowerServicePort, type SharedChains } from './service-port.ts';
import { bitOf, staticChains } from './static-chains.ts';

/** The complete ruleset of one family. Groups of elements keep their identity while their service port does. */
export function lower(plan: Plan): Ruleset {
  const memo = remember(memos, plan.localPods, () => newMemo(plan));
  const lowered = mapChanged(memo.servicePorts, plan.servicePorts, (servicePort) =>
    lowerServicePort(servicePort, memo.senders, memo.shared),
  );
  const parts = collect(lowered);
  dropUnused(memo.shared, parts.shared);
  const ofNode = nodeGroups(plan, lowered, memo.node);
  const groupsOf = (set: string): readonly ElementGroup[] => ofNode.get(set) ?? parts.groups.get(set) ?? [];
  return {
    family: plan.family,
    sets: [...sharedSets.map((set) => ({ ...set, groups: groupsOf(set.name) })), ...parts.sets],
    chains: [...staticChains(plan), ...sharedChainsOf(parts.shared), ...parts.chains],
  };
}

/** What is remembered between compiles for the settings of one node, which have one `localPods`. */
interface Memo {
  readonly senders: Senders;
  readonly servicePorts: ListMemory<ServicePortPlan, LoweredServicePort>;
  readonly shared: Map<string, SharedChains>;
  readonly node: NodeMemory;
}

const memos = new WeakMap<LocalPodMatch, Memo>();

function newMemo({ localPods, masqueradeMark }: Plan): Memo {
  const senders = { localPods, markBit: bitOf(masqueradeMark) };
  return { senders, servicePorts: emptyListMemory(), shared: new Map(), node: emptyNodeMemory() };
}

interface Parts {
  /** By the name of the set. */
  readonly groups: ReadonlyMap<string, readonly ElementGroup[]>;
  readonly shared: ReadonlySet<SharedChains>;
  readonly chains: readonly Chain[];
  readonly sets: readonly NamedSet[];
}

/** One pass over all service ports, which may be tens of thousands: nothing in it but pushing references. */
function collect(lowered: readonly LoweredServicePort[]): Parts {
  const groups = new Map<string, ElementGroup[]>(sharedSets.map(({ name }) => [name, []]));
  const shared = new Set<SharedChains>();
  const chains: Chain[] = [];
  const sets: NamedSet[] = [];
  for (const each of lowered) {
    for (const [set, group] of each.groups) groups.get(set)?.push(group);
    for (const one of each.shared) shared.add(one);
    if (each.chains.length > 0) chains.push(...each.chains);
    if (each.sets.length > 0) sets.push(...each.sets);
  }
  return { groups, shared, chains, sets };
}

/** Pools come in many sizes over the months; of each shape only what is in use is kept. */
function dropUnused(known: Map<string, SharedChains>, used: ReadonlySet<SharedChains>): void {
  for (const [name, chains] of known) {
    if (!used.has(chains)) known.delete(name);
  }
}

/** Each chain once, sorted by name. */
function sharedChainsOf(shared: ReadonlySet<SharedChains>): readonly Chain[] {
  const byName = new Map([...shared].flat().map((chain) => [chain.name, chain]));
  return [...byName.values()].toSorted((a, b) => compareText(a.name, b.name));
}
