/** Walks packets through one base chain: rules, statements and jumps, with every branch of random keys. */

import type {
  ForeignChain,
  ForeignElement,
  ForeignRule,
  ForeignSet,
  ForeignStatement,
  ForeignValue,
} from '../../nftables/listing/ruleset.ts';
import type { Key, NftablesHook, Statement } from '../../nftables/ruleset.ts';
import { add, complement, isOne, isZero, multiply, type Rational, rational } from '../../structures/rational.ts';
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
import type { PacketState } from '../netfilter/state.ts';
import { chainPart } from '../witness.ts';
import { lookUp } from './lookup.ts';
import { evaluateMatches, type NftablesScene } from './match.ts';
import type { NftablesProblem, NftablesProblemKind } from './problem.ts';
import { type BaseChain, findChain, findSet } from './ruleset-index.ts';
import type { OwnedElement } from './tree.ts';

/** A rule that a packet matched, or the policy of a base chain that dropped it. */
export interface NftablesStep {
  readonly chain: string;
  /** Index of the rule in its chain, from 0. */
  readonly rule: number | 'policy';
  /** The matching element of the rule's map. */
  readonly found?: { readonly map: string; readonly element: ForeignElement; readonly owner: string };
}

export interface NftablesWalk {
  readonly scene: NftablesScene;
  readonly log: ProblemLog<NftablesProblem>;
  readonly recordSteps: boolean;
}

export type NftablesFlow = Flow<Rational, NftablesStep>;
type ChainResults = readonly FlowVerdict<NftablesFlow>[];
type RuleResults = readonly RuleVerdict<NftablesFlow>[];
/** `continue`: go to the next statement of the rule. */
type StatementResults = readonly FlowVerdict<NftablesFlow, RuleResults[number]['verdict'] | 'continue'>[];

/** Walks a base chain; `end` means that its policy accepted the packet. */
export function walkBaseChain(walk: NftablesWalk, chain: BaseChain, flow: NftablesFlow): ChainResults {
  const results = walkChain(walk, chain.hook, { chain, from: undefined }, flow);
  return chain.hook.policy === 'drop'
    ? dropAtEnd(results, { chain: chain.name, rule: 'policy' }, walk.recordSteps)
    : results;
}

interface Place {
  readonly walk: NftablesWalk;
  readonly hook: NftablesHook;
  readonly nesting: Nesting<ForeignChain>;
  readonly rule: ForeignRule;
  readonly index: number;
}

function walkChain(
  walk: NftablesWalk,
  hook: NftablesHook,
  nesting: Nesting<ForeignChain>,
  entering: NftablesFlow,
): ChainResults {
  walk.scene.witness?.used(chainPart(nesting.chain.name, ''));
  return walkInTurn<ForeignRule, NftablesFlow, ChainVerdict, 'next'>(nesting.chain.rules, entering, {
    walk: (rule, index, flow) => walkRule({ walk, hook, nesting, rule, index }, flow),
    onward: 'next',
    left: 'end',
    join: (flows) => joinFlows(flows, add),
  });
}

function walkRule(place: Place, flow: NftablesFlow): RuleResults {
  const { walk, nesting, rule, index } = place;
  const matched = evaluateMatches(rule.matches, flow.state, walk.scene);
  if ('problem' in matched) return skip(place, matched.problem, matched.detail, flow);
  const { probability } = matched;
  if (isZero(probability)) return [{ verdict: 'next', flow }];
  const taken = shareOf(flow, probability);
  const step = { chain: nesting.chain.name, rule: index };
  const results = walkStatements(place, walk.recordSteps ? withStep(taken, step) : taken);
  return isOne(probability) ? results : [...results, { verdict: 'next', flow: shareOf(flow, complement(probability)) }];
}

/** The part of a flow with this probability. */
function shareOf(flow: NftablesFlow, probability: Rational): NftablesFlow {
  return isOne(probability) ? flow : { ...flow, weight: multiply(flow.weight, probability) };
}

function walkStatements(place: Place, entering: NftablesFlow): RuleResults {
  return walkInTurn<ForeignStatement, NftablesFlow, ChainVerdict | 'next', 'continue'>(
    place.rule.statements,
    entering,
    {
      walk: (statement, _index, flow) => walkStatement(place, statement, flow),
      onward: 'continue',
      left: 'next',
      join: (flows) => flows,
    },
  );
}

/** nft_do_chain in net/netfilter/nf_tables_core.c. */
function walkStatement(place: Place, statement: ForeignStatement, flow: NftablesFlow): StatementResults {
  const { scene } = place.walk;
  const { state } = flow;
  const changed = (newState: PacketState): StatementResults => [
    { verdict: 'continue', flow: { ...flow, state: newState } },
  ];
  switch (statement.kind) {
    case 'accept':
    case 'drop':
    case 'reject':
    case 'return':
    case 'jump':
    case 'goto':
      return decide(place, statement, flow);
    case 'verdictMap':
    case 'dnatMap':
      return walkMap(place, statement, flow);
    case 'chooseChain':
      return statement.chains.flatMap((chain) =>
        decide(place, { kind: 'goto', chain }, shareOf(flow, rational(1n, BigInt(statement.chains.length)))),
      );
    case 'dnat':
      return rewrite(place, statement, flow);
    case 'masquerade':
      if (!isInPlace(place, 'masquerade')) return skip(place, 'misplaced', statement.kind, flow);
      return [{ verdict: 'translated', flow: { ...flow, state: masquerade(state, scene.host) } }];
    case 'setMarkBit':
      return changed(setMark(state, { mark: 1 << statement.bit, mask: 1 << statement.bit }));
    case 'clearMarkBit':
      return changed(setMark(state, { mark: 0, mask: 1 << statement.bit }));
    case 'mark':
      return changed(setMark(state, statement));
    case 'opaque':
      return skip(place, 'opaque', statement.words, flow);
    case 'remember':
      return findSet(scene.ruleset, statement.set) === undefined
        ? skip(place, 'missing', statement.set, flow)
        : [{ verdict: 'continue', flow }];
    default:
      return statement satisfies never;
  }
}

type SimpleVerdict = Exclude<ForeignValue, { kind: 'destination' }> | { readonly kind: 'reject' };

/** Verdicts that rules and elements of verdict maps share. */
function decide(place: Place, verdict: SimpleVerdict, flow: NftablesFlow): RuleResults {
  if (verdict.kind === 'return') return [{ verdict: 'end', flow }];
  if (verdict.kind === 'continue') return [{ verdict: 'next', flow }];
  if (!('chain' in verdict)) return [{ verdict: verdict.kind, flow }];
  const { walk, hook, nesting } = place;
  const chain = findChain(walk.scene.ruleset, verdict.chain);
  if (chain === undefined) return skip(place, 'missing', verdict.chain, flow);
  if (isInside(verdict.chain, nesting)) return skip(place, 'loop', verdict.chain, flow);
  return comeBack(verdict.kind, walkChain(walk, hook, { chain, from: nesting }, flow));
}

interface MapStatement {
  readonly kind: 'verdictMap' | 'dnatMap';
  readonly key: Key;
  readonly map: string;
}

/** If a map has no element for the key, the walk continues with the next rule (NFT_BREAK in nft_lookup.c). */
function walkMap(place: Place, { kind, key, map }: MapStatement, flow: NftablesFlow): RuleResults {
  const { scene } = place.walk;
  const set = findSet(scene.ruleset, map);
  if (set === undefined || set.value !== valueOfMap[kind]) return skip(place, 'missing', map, flow);
  return lookUp(set, key, flow.state, scene).flatMap(({ found, probability }): RuleResults => {
    const share = shareOf(flow, probability);
    if (found?.element.value !== undefined)
      return applyValue(place, found.element.value, addFinding(share, map, found));
    return set.isPartial ? skip(place, 'partial', map, share) : [{ verdict: 'next', flow: withoutStep(place, share) }];
  });
}

const valueOfMap = { verdictMap: 'verdict', dnatMap: 'destination' } as const satisfies Record<
  MapStatement['kind'],
  ForeignSet['value']
>;

function applyValue(place: Place, value: ForeignValue, flow: NftablesFlow): RuleResults {
  if (value.kind !== 'destination') return decide(place, value, flow);
  return rewrite(place, { kind: 'dnat', address: value.address, port: value.port }, flow);
}

function rewrite(place: Place, statement: Extract<Statement, { kind: 'dnat' }>, flow: NftablesFlow): RuleResults {
  if (!isInPlace(place, 'dnat')) return skip(place, 'misplaced', statement.kind, flow);
  const state = rewriteDestination(flow.state, statement, place.walk.scene.witness);
  return [{ verdict: 'translated', flow: { ...flow, state } }];
}

function isInPlace({ hook: { type, hook } }: Place, kind: 'dnat' | 'masquerade'): boolean {
  return type === 'nat' && isNatAllowedAt(kind, hook);
}

/** Reports why the rule cannot be modelled, and continues with the next one. */
function skip(place: Place, kind: NftablesProblemKind, detail: string, flow: NftablesFlow): RuleResults {
  const { walk, nesting, index } = place;
  walk.log.report({ kind, chain: nesting.chain.name, rule: index, detail });
  return [{ verdict: 'next', flow }];
}

/** Adds the matching map element to the step of the rule. */
function addFinding(flow: NftablesFlow, map: string, { element, owner }: OwnedElement): NftablesFlow {
  if (flow.steps === undefined) return flow;
  const { last, before } = flow.steps;
  return { ...flow, steps: { last: { ...last, found: { map, element, owner } }, before } };
}

/** A rule has no effect if its only statement is a map without an element for the packet. */
function withoutStep({ rule }: Place, flow: NftablesFlow): NftablesFlow {
  return rule.statements.length > 1 ? flow : { ...flow, steps: flow.steps?.before };
}
