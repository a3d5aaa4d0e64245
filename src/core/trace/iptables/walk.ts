/** Walks packets through one table at one hook: chains, rules and jumps, with every branch of random matches. */
import type { IptablesChain, IptablesRule, IptablesTarget, Table, TableName } from '../../iptables/ruleset.ts';
import {
  type ChainVerdict,
  comeBack,
  dropAtEnd,
  type FlowVerdict,
  isInside,
  type Nesting,
  type RuleVerdict,
  walkInTurn,
} from '../netfilter/chain.ts';
import { type Flow, joinFlows, withStep } from '../netfilter/flow.ts';
import type { ProblemLog } from '../netfilter/problem.ts';
import { isNatAllowedAt, masquerade, rewriteDestination, setMark } from '../netfilter/rewrite.ts';
import { type HookName, isAsSent, type PacketState } from '../netfilter/state.ts';
import { chainPart, type Witness, wholeChainPart } from '../witness.ts';
import { candidates, isLong } from './dispatch.ts';
import { addDyadic, type Dyadic, scaleDyadic } from './dyadic.ts';
import { evaluateMatch, type IptablesScene } from './match.ts';
import type { IptablesProblem, IptablesProblemKind } from './problem.ts';
import { findChain } from './table-index.ts';

/** A rule that a packet matched, or the policy of a built-in chain that dropped it. */
export interface IptablesStep {
  readonly table: TableName;
  readonly chain: string;
  /** Index of the rule in its chain, from 0. */
  readonly rule: number | 'policy';
}

export interface IptablesWalk {
  readonly table: Table;
  readonly hook: HookName;
  readonly scene: IptablesScene;
  readonly log: ProblemLog<IptablesProblem>;
  readonly recordSteps: boolean;
}

export type IptablesFlow = Flow<Dyadic, IptablesStep>;
type ChainResults = readonly FlowVerdict<IptablesFlow>[];
type RuleResults = readonly RuleVerdict<IptablesFlow>[];

/** Walks the built-in chain of the hook; `end` means that its policy accepted the packet. */
export function walkTable(walk: IptablesWalk, flow: IptablesFlow): ChainResults {
  const chain = findChain(walk.table, walk.hook.toUpperCase());
  if (chain === undefined) return [{ verdict: 'end', flow }];
  const results = walkChain(walk, { chain, from: undefined }, flow);
  if (chain.policy !== 'DROP') return results;
  return dropAtEnd(results, { table: walk.table.name, chain: chain.name, rule: 'policy' }, walk.recordSteps);
}

interface Place {
  readonly walk: IptablesWalk;
  readonly nesting: Nesting<IptablesChain>;
  readonly rule: IptablesRule;
  readonly index: number;
}

function walkChain(walk: IptablesWalk, nesting: Nesting<IptablesChain>, entering: IptablesFlow): ChainResults {
  const { chain } = nesting;
  const { scene } = walk;
  if (scene.witness !== undefined) noteChain(walk, chain, entering.state, scene.witness);
  const indexes = isLong(chain) ? candidates(chain, entering.state, scene) : undefined;
  const rules = indexes === undefined ? chain.rules : indexes.map((index) => chain.rules[index] as IptablesRule);
  return walkInTurn<IptablesRule, IptablesFlow, ChainVerdict, 'next'>(rules, entering, {
    walk: (rule, i, flow) => walkRule({ walk, nesting, rule, index: indexes?.[i] ?? i }, flow),
    onward: 'next',
    left: 'end',
    join: (flows) => joinFlows(flows, addDyadic),
  });
}

/** Rules for a single destination are named by it. */
function noteChain({ table }: IptablesWalk, chain: IptablesChain, state: PacketState, witness: Witness): void {
  const isOpen = isAsSent(state, 'destination') && witness.isOpen('destination');
  witness.used(chainPart(chain.name, table.name));
  witness.used(isOpen ? wholeChainPart(chain.name, table.name) : state.destination);
}

function walkRule(place: Place, flow: IptablesFlow): RuleResults {
  const { walk, nesting, rule, index } = place;
  const matched = evaluateMatch(rule.match, flow.state, walk.scene);
  if (matched === 'fails') return [{ verdict: 'next', flow }];
  const problem = matched === 'holds' ? targetProblem(place) : matched === 'opaque' ? 'opaqueMatch' : matched;
  if (problem !== undefined) {
    const { name: chain } = nesting.chain;
    walk.log.report({ kind: problem, table: walk.table.name, chain, rule: index, detail: describe(problem, rule) });
    return [{ verdict: 'next', flow }];
  }
  const { taken, missed } = draw(rule.match.random, flow);
  const results = taken === undefined ? [] : applyTarget(place, addStep(place, taken));
  return missed === undefined ? results : [...results, { verdict: 'next', flow: missed }];
}

/** xt_statistic.c: `(get_random_u32() & 0x7FFFFFFF) < probability`. */
const randomBits = 31;

/** Splits a flow by a random match, each time a packet meets the rule and its other conditions hold. */
function draw(
  random: number | undefined,
  flow: IptablesFlow,
): { taken: IptablesFlow | undefined; missed: IptablesFlow | undefined } {
  const all = 2 ** randomBits;
  if (random === undefined || random >= all) return { taken: flow, missed: undefined };
  if (random <= 0) return { taken: undefined, missed: flow };
  return {
    taken: { ...flow, weight: scaleDyadic(flow.weight, random, randomBits) },
    missed: { ...flow, weight: scaleDyadic(flow.weight, all - random, randomBits) },
  };
}

/** ipt_do_table in net/ipv4/netfilter/ip_tables.c. */
function applyTarget(place: Place, flow: IptablesFlow): RuleResults {
  const { scene } = place.walk;
  const { state } = flow;
  const changed = (verdict: 'accept' | 'next', newState: PacketState): RuleResults => [
    { verdict, flow: { ...flow, state: newState } },
  ];
  const { target } = place.rule;
  switch (target?.kind) {
    case 'accept':
    case 'drop':
    case 'reject':
      return [{ verdict: target.kind, flow }];
    case 'return':
      return [{ verdict: 'end', flow }];
    case 'jump':
    case 'goto':
      return comeBack(target.kind, enter(place, target.chain, flow));
    case 'mark':
      return changed('next', setMark(state, target));
    case 'dnat':
      return changed('accept', rewriteDestination(state, target, scene.witness));
    case 'masquerade':
      return changed('accept', masquerade(state, scene.host));
    case 'opaque':
    case undefined:
      return [{ verdict: 'next', flow }];
    default:
      return target satisfies never;
  }
}

function enter({ walk, nesting }: Place, name: string, flow: IptablesFlow): ChainResults {
  const chain = findChain(walk.table, name);
  return chain === undefined ? [{ verdict: 'end', flow }] : walkChain(walk, { chain, from: nesting }, flow);
}

/** Why the target cannot be modelled; undefined if it can. */
function targetProblem({ walk, nesting, rule: { target } }: Place): IptablesProblemKind | undefined {
  if (target === undefined) return undefined;
  if (target.kind === 'opaque') return 'opaqueTarget';
  if (target.kind === 'jump' || target.kind === 'goto') {
    if (findChain(walk.table, target.chain) === undefined) return 'missingChain';
    return isInside(target.chain, nesting) ? 'loop' : undefined;
  }
  if (target.kind !== 'dnat' && target.kind !== 'masquerade') return undefined;
  return walk.table.name === 'nat' && isNatAllowedAt(target.kind, walk.hook) ? undefined : 'misplacedTarget';
}

function describe(problem: IptablesProblemKind, { match, target }: IptablesRule): string {
  if (problem === 'opaqueMatch') return (match.opaque ?? []).join(' ');
  if (problem === 'unknownInterface') return match.outputInterface?.value ?? '';
  return describeTarget(target);
}

function describeTarget(target: IptablesTarget | undefined): string {
  if (target === undefined) return '';
  if (target.kind === 'opaque') return target.words.join(' ');
  return target.kind === 'jump' || target.kind === 'goto' ? target.chain : target.kind;
}

function addStep({ walk, nesting, index }: Place, flow: IptablesFlow): IptablesFlow {
  if (!walk.recordSteps) return flow;
  return withStep(flow, { table: walk.table.name, chain: nesting.chain.name, rule: index });
}
