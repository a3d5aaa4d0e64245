/** Packets through one base chain: rules, statements, jumps. All ways that random keys open are walked. */

import type {
  ForeignChain,
  ForeignRule,
  ForeignSet,
  ForeignStatement,
  ForeignValue,
} from '../../nftables/listing/ruleset.ts';
import type { Key, NftablesHook, Statement } from '../../nftables/ruleset.ts';
import { type Rational, rational } from '../../structures/rational.ts';
import { askForRewrite, masquerade, rewriteDestination, setMark } from '../target.ts';
import { walkInTurn } from '../walk-in-turn.ts';
import { chainPart } from '../witness.ts';
import { joinFlows, type NftablesFlow, type NftablesStep, shareOf, split, withState } from './flow.ts';
import { lookUp } from './lookup.ts';
import { evaluateMatches, type NftablesScene } from './match.ts';
import type { NftablesProblemKind, NftablesProblemLog } from './problem.ts';
import { type BaseChain, findChain, findSet } from './ruleset-index.ts';
import type { OwnedElement } from './tree.ts';

export interface NftablesWalk {
  readonly scene: NftablesScene;
  readonly log: NftablesProblemLog;
  readonly recordSteps: boolean;
}

/** `translated`: an address was rewritten. `end`: no verdict; the chain is over after its last rule or by return. */
export type Verdict = 'accept' | 'translated' | 'drop' | 'reject' | 'end';

export interface Result {
  readonly verdict: Verdict;
  readonly flow: NftablesFlow;
}

/** Through a chain with a hook; `end` means that its policy let the packet through. */
export function walkBaseChain(journey: NftablesWalk, chain: BaseChain, flow: NftablesFlow): readonly Result[] {
  const results = walkChain({ journey, hook: chain.hook, chain, from: undefined }, flow);
  if (chain.hook.policy !== 'drop') return results;
  return results.map((result) =>
    result.verdict === 'end'
      ? { verdict: 'drop', flow: addStep(journey, result.flow, { chain: chain.name, rule: 'policy' }) }
      : result,
  );
}

/** A chain that is being walked, and the one that sent the packet there. */
interface Nesting {
  readonly journey: NftablesWalk;
  readonly hook: NftablesHook;
  readonly chain: ForeignChain;
  readonly from: Nesting | undefined;
}

/** `next`: on to the next rule of the chain. */
interface RuleResult {
  readonly verdict: Verdict | 'next';
  readonly flow: NftablesFlow;
}

/** `continue`: on to the next statement of the rule. */
interface StatementResult {
  readonly verdict: RuleResult['verdict'] | 'continue';
  readonly flow: NftablesFlow;
}

interface Place {
  readonly nesting: Nesting;
  readonly rule: ForeignRule;
  readonly index: number;
}

function walkChain(nesting: Nesting, entering: NftablesFlow): readonly Result[] {
  nesting.journey.scene.witness?.used(chainPart(nesting.chain, ''));
  const { ended, live } = walkInTurn(nesting.chain.rules, entering, {
    walk: (rule, index, flow) => walkRule({ nesting, rule, index }, flow),
    onward: 'next',
    join: joinFlows,
  });
  return [...ended, ...live.map((flow): Result => ({ verdict: 'end', flow }))];
}

function walkRule(place: Place, flow: NftablesFlow): readonly RuleResult[] {
  const { nesting, rule, index } = place;
  const matched = evaluateMatches(rule.matches, flow.state, nesting.journey.scene);
  if ('problem' in matched) return skip(place, matched.problem, matched.detail, flow);
  const { taken, missed } = split(flow, matched.probability);
  const step = { chain: nesting.chain.name, rule: index };
  const results = taken === undefined ? [] : walkStatements(place, addStep(nesting.journey, taken, step));
  return missed === undefined ? results : [...results, { verdict: 'next', flow: missed }];
}

function walkStatements(place: Place, entering: NftablesFlow): readonly RuleResult[] {
  const { ended, live } = walkInTurn(place.rule.statements, entering, {
    walk: (statement, _index, flow) => walkStatement(place, statement, flow),
    onward: 'continue',
    join: (flows) => flows,
  });
  return [...ended, ...live.map((flow): RuleResult => ({ verdict: 'next', flow }))];
}

/** nft_do_chain in net/netfilter/nf_tables_core.c. */
function walkStatement(place: Place, statement: ForeignStatement, flow: NftablesFlow): readonly StatementResult[] {
  const { journey } = place.nesting;
  const { state } = flow;
  switch (statement.kind) {
    case 'accept':
    case 'drop':
    case 'reject':
      return [{ verdict: statement.kind, flow }];
    case 'return':
      return [{ verdict: 'end', flow }];
    case 'jump':
    case 'goto':
      return follow(place, statement, flow);
    case 'verdictMap':
    case 'dnatMap':
      return walkMap(place, statement, flow);
    case 'chooseChain':
      return statement.chains.flatMap((chain) => enter(place, chain, shareOf(flow, oneOf(statement.chains.length))));
    case 'dnat':
      return rewrite(place, statement, flow);
    case 'masquerade':
      if (place.nesting.hook.type !== 'nat' || place.nesting.hook.hook !== 'postrouting')
        return skip(place, 'misplaced', statement.kind, flow);
      return [{ verdict: 'translated', flow: { ...flow, state: masquerade(state, journey.scene.host) } }];
    case 'setMarkBit':
      return [{ verdict: 'continue', flow: withState(flow, { mark: (state.mark | (1 << statement.bit)) >>> 0 }) }];
    case 'clearMarkBit':
      return [{ verdict: 'continue', flow: withState(flow, { mark: (state.mark & ~(1 << statement.bit)) >>> 0 }) }];
    case 'mark':
      return [{ verdict: 'continue', flow: { ...flow, state: setMark(state, statement) } }];
    case 'opaque':
      return skip(place, 'opaque', statement.words, flow);
    case 'remember':
      return findSet(journey.scene.ruleset, statement.set) === undefined
        ? skip(place, 'missing', statement.set, flow)
        : [{ verdict: 'continue', flow }];
    default:
      return statement satisfies never;
  }
}

function oneOf(count: number): Rational {
  return rational(1n, BigInt(count));
}

interface MapStatement {
  readonly kind: 'verdictMap' | 'dnatMap';
  readonly key: Key;
  readonly map: string;
}

/** Where a map has nothing for the key, the rule is over and the next one follows (NFT_BREAK in nft_lookup.c). */
function walkMap(place: Place, { kind, key, map }: MapStatement, flow: NftablesFlow): readonly RuleResult[] {
  const { scene } = place.nesting.journey;
  const set = findSet(scene.ruleset, map);
  if (set === undefined || set.value !== valueOfMap[kind]) return skip(place, 'missing', map, flow);
  return lookUp(set, key, flow.state, scene).flatMap(({ found, probability }): readonly RuleResult[] => {
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

function applyValue(place: Place, value: ForeignValue, flow: NftablesFlow): readonly RuleResult[] {
  switch (value.kind) {
    case 'accept':
    case 'drop':
      return [{ verdict: value.kind, flow }];
    case 'return':
      return [{ verdict: 'end', flow }];
    case 'continue':
      return [{ verdict: 'next', flow }];
    case 'jump':
    case 'goto':
      return follow(place, value, flow);
    case 'destination':
      return rewrite(place, { kind: 'dnat', address: value.address, port: value.port }, flow);
    default:
      return value satisfies never;
  }
}

function rewrite(
  place: Place,
  statement: Extract<Statement, { kind: 'dnat' }>,
  flow: NftablesFlow,
): readonly RuleResult[] {
  const { type, hook } = place.nesting.hook;
  const isInPlace = type === 'nat' && (hook === 'prerouting' || hook === 'output');
  if (!isInPlace) return skip(place, 'misplaced', statement.kind, flow);
  askForRewrite(place.nesting.journey.scene.witness, flow.state, statement);
  return [{ verdict: 'translated', flow: { ...flow, state: rewriteDestination(flow.state, statement) } }];
}

interface Move {
  readonly kind: 'jump' | 'goto';
  readonly chain: string;
}

/** From the end of a chain the kernel goes back to the rule after the last jump: a chain that went to it ends too. */
function follow(place: Place, { kind, chain }: Move, flow: NftablesFlow): readonly RuleResult[] {
  const results = enter(place, chain, flow);
  if (kind === 'goto') return results;
  return results.map((result) => (result.verdict === 'end' ? { verdict: 'next', flow: result.flow } : result));
}

function enter(place: Place, name: string, flow: NftablesFlow): readonly RuleResult[] {
  const { nesting } = place;
  const chain = findChain(nesting.journey.scene.ruleset, name);
  if (chain === undefined) return skip(place, 'missing', name, flow);
  for (let at: Nesting | undefined = nesting; at !== undefined; at = at.from) {
    if (at.chain.name === name) return skip(place, 'loop', name, flow);
  }
  return walkChain({ ...nesting, chain, from: nesting }, flow);
}

/** Says why the rule cannot be followed, and goes on with the next one. */
function skip(place: Place, kind: NftablesProblemKind, detail: string, flow: NftablesFlow): readonly RuleResult[] {
  const { nesting, index } = place;
  nesting.journey.log.report({ kind, chain: nesting.chain.name, rule: index, detail });
  return [{ verdict: 'next', flow }];
}

function addStep({ recordSteps }: NftablesWalk, flow: NftablesFlow, step: NftablesStep): NftablesFlow {
  return recordSteps ? { ...flow, steps: { last: step, before: flow.steps } } : flow;
}

/** Puts into the step of the rule what its map had for the packet. */
function addFinding(flow: NftablesFlow, map: string, { element, owner }: OwnedElement): NftablesFlow {
  if (flow.steps === undefined) return flow;
  const { last, before } = flow.steps;
  return { ...flow, steps: { last: { ...last, found: { map, element, owner } }, before } };
}

/** A rule whose only statement is a map that has nothing for the packet did not do anything. */
function withoutStep({ rule }: Place, flow: NftablesFlow): NftablesFlow {
  return rule.statements.length > 1 ? flow : { ...flow, steps: flow.steps?.before };
}
