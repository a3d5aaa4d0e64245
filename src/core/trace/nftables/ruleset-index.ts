/** Looks up parts of a ruleset, so that the cost of a trace depends on the rules it walks, not on the ruleset. */
import { formatHostPort } from '../../model/address.ts';
import type {
  ForeignChain,
  ForeignHook,
  ForeignRule,
  ForeignRuleset,
  ForeignSet,
} from '../../nftables/listing/ruleset.ts';
import { memoize } from '../../structures/memoize.ts';
import type { HookStage } from '../netfilter/hooks.ts';
import type { HookName } from '../netfilter/state.ts';

/** A base chain: a chain with a hook. */
export interface BaseChain extends ForeignChain {
  readonly hook: ForeignHook;
}

/** A unit that the kernel calls at a hook: a chain, or NAT with all nat chains of the hook. */
export interface HookCall extends HookStage {
  readonly priority: number;
  readonly chains: readonly BaseChain[];
}

interface RulesetIndex {
  readonly chains: ReadonlyMap<string, ForeignChain>;
  readonly sets: ReadonlyMap<string, ForeignSet>;
  readonly calls: ReadonlyMap<HookName, readonly HookCall[]>;
  readonly endpoints: ReadonlyMap<string, readonly string[]>;
}

export function findChain(ruleset: ForeignRuleset, name: string): ForeignChain | undefined {
  return indexOf(ruleset).chains.get(name);
}

export function findSet(ruleset: ForeignRuleset, name: string): ForeignSet | undefined {
  return indexOf(ruleset).sets.get(name);
}

/** In kernel order. */
export function callsAt(ruleset: ForeignRuleset, hook: HookName): readonly HookCall[] {
  return indexOf(ruleset).calls.get(hook) ?? [];
}

/** `address:port` of the endpoints whose clients the set holds. */
export function endpointsOfSet(ruleset: ForeignRuleset, set: string): readonly string[] {
  return indexOf(ruleset).endpoints.get(set) ?? [];
}

const indexOf = memoize(({ chains, sets }: ForeignRuleset): RulesetIndex => {
  const bases = chains.flatMap((chain) => (chain.hook === undefined ? [] : [{ ...chain, hook: chain.hook }]));
  return {
    chains: new Map(chains.map((chain) => [chain.name, chain])),
    sets: new Map(sets.map((set) => [set.name, set])),
    calls: new Map(
      bases.map(({ hook: { hook } }) => [hook, orderCalls(bases.filter((base) => base.hook.hook === hook))]),
    ),
    endpoints: indexEndpoints(chains),
  };
});

/** The priority at which conntrack sees packets (NF_IP_PRI_CONNTRACK). */
const conntrackPriority = -200;

/**
 * The priority at which nf_nat calls all nat chains. Their own priorities only order them relative to each other
 * (NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC; nf_nat_register_fn).
 */
const natPriority: Readonly<Record<HookName, number>> = {
  prerouting: -100,
  output: -100,
  input: 100,
  postrouting: 100,
  forward: 100,
};

/** With equal priorities, the chain registered last is called first (nf_hook_entries_grow). */
function orderCalls(bases: readonly BaseChain[]): readonly HookCall[] {
  const latestFirst = bases.toReversed();
  const nat = latestFirst.filter(({ hook }) => hook.type === 'nat').sort(byPriority);
  const calls = latestFirst
    .filter(({ hook }) => hook.type === 'filter')
    .map((chain) => callOf([chain], chain.hook, chain.hook.priority));
  const [first] = nat;
  if (first !== undefined) calls.push(callOf(nat, first.hook, natPriority[first.hook.hook]));
  return calls.sort((a, b) => a.priority - b.priority);
}

function callOf(chains: readonly BaseChain[], { type, hook }: ForeignHook, priority: number): HookCall {
  return {
    chains,
    priority,
    isNat: type === 'nat',
    isTracked: priority > conntrackPriority,
    letsIn: type === 'filter' && hook === 'input',
  };
}

function byPriority(a: BaseChain, b: BaseChain): number {
  return a.hook.priority - b.hook.priority;
}

/** A rule that remembers a client either rewrites the destination itself or leaves that to the next one. */
function indexEndpoints(chains: readonly ForeignChain[]): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, readonly string[]>();
  for (const { rules } of chains) {
    for (const [i, rule] of rules.entries()) {
      for (const statement of rule.statements) {
        if (statement.kind !== 'remember') continue;
        const own = destinationsOf(rule);
        const found = own.length > 0 ? own : destinationsOf(rules[i + 1]);
        index.set(statement.set, [...(index.get(statement.set) ?? []), ...found]);
      }
    }
  }
  return index;
}

function destinationsOf(rule: ForeignRule | undefined): readonly string[] {
  return (rule?.statements ?? []).flatMap((statement) =>
    statement.kind === 'dnat' ? [formatHostPort(statement.address, statement.port)] : [],
  );
}
