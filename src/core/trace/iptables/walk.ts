/** Packets through one table at one hook: chains, rules and jumps. All ways that random matches open are walked. */
import type { IptablesChain, IptablesRule, IptablesTarget, Table } from '../../iptables/ruleset.ts';
import { scaleDyadic } from '../dyadic.ts';
import { type Hook, isAsSent, type PacketState } from '../state.ts';
import { askForRewrite, isAllowedAt, masquerade, rewriteDestination, setMark } from '../target.ts';
import { walkInTurn } from '../walk-in-turn.ts';
import { chainPart, type Witness, wholeChainPart } from '../witness.ts';
import { candidates, isLong } from './dispatch.ts';
import { type IptablesFlow, type IptablesStep, joinFlows } from './flow.ts';
import { evaluateMatch, type IptablesScene } from './match.ts';
import type { IptablesProblemKind, ProblemLog } from './problem.ts';
import { findChain } from './table-index.ts';

export interface IptablesWalk {
  readonly table: Table;
  readonly hook: Hook;
  readonly scene: IptablesScene;
  readonly log: ProblemLog;
  readonly recordSteps: boolean;
}

/** `end`: no verdict; the chain is over after its last rule or by RETURN. */
export type Verdict = 'accept' | 'drop' | 'reject' | 'end';

export interface Result {
  readonly verdict: Verdict;
  readonly flow: IptablesFlow;
}

/** Through the built-in chain of the hook; `end` means that its policy let the packet through. */
export function walkTable(walk: IptablesWalk, flow: IptablesFlow): readonly Result[] {
  const chain = findChain(walk.table, walk.hook);
  if (chain === undefined) return [{ verdict: 'end', flow }];
  const results = walkChain(walk, { chain, from: undefined }, flow);
  if (chain.policy !== 'DROP') return results;
  const step: IptablesStep = { table: walk.table.name, chain: chain.name, rule: 'policy' };
  return results.map((result) =>
    result.verdict === 'end' ? { verdict: 'drop', flow: addStep(walk, result.flow, step) } : result,
  );
}

/** A chain that is being walked, and the one that sent the packet there. */
interface Nesting {
  readonly chain: IptablesChain;
  readonly from: Nesting | undefined;
}

/** `next`: on to the next rule of the chain. */
interface RuleResult {
  readonly verdict: Verdict | 'next';
  readonly flow: IptablesFlow;
}

interface Place {
  readonly walk: IptablesWalk;
  readonly nesting: Nesting;
  readonly rule: IptablesRule;
  readonly index: number;
}

function walkChain(walk: IptablesWalk, nesting: Nesting, entering: IptablesFlow): readonly Result[] {
  const { chain } = nesting;
  const { scene } = walk;
  if (scene.witness !== undefined) noteChain(walk, chain, entering.state, scene.witness);
  const indexes = isLong(chain) ? candidates(chain, entering.state, scene) : undefined;
  const rules = indexes === undefined ? chain.rules : indexes.map((index) => chain.rules[index] as IptablesRule);
  const { ended, live } = walkInTurn(rules, entering, {
    walk: (rule, i, flow) => walkRule({ walk, nesting, rule, index: indexes?.[i] ?? i }, flow),
    onward: 'next',
    join: joinFlows,
  });
  return [...ended, ...live.map((flow): Result => ({ verdict: 'end', flow }))];
}

/** Rules that are for one destination alone are told by that. */
function noteChain({ table }: IptablesWalk, chain: IptablesChain, state: PacketState, witness: Witness): void {
  const isOpen = isAsSent(state, 'destination') && witness.isOpen('destination');
  witness.used(chainPart(chain, table.name));
  witness.used(isOpen ? wholeChainPart(chain.name, table.name) : state.destination);
}

function walkRule(place: Place, flow: IptablesFlow): readonly RuleResult[] {
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
  const step: IptablesStep = { table: walk.table.name, chain: nesting.chain.name, rule: index };
  const results = taken === undefined ? [] : applyTarget(place, addStep(walk, taken, step));
  return missed === undefined ? results : [...results, { verdict: 'next', flow: missed }];
}

/** xt_statistic.c: `(get_random_u32() & 0x7FFFFFFF) < probability`. */
const randomBits = 31;

/** Splits a flow by a random match: once for each time that a packet meets the rule and all else holds. */
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
function applyTarget(place: Place, flow: IptablesFlow): readonly RuleResult[] {
  const { walk, rule } = place;
  const changed = (verdict: RuleResult['verdict'], state: PacketState): readonly RuleResult[] => [
    { verdict, flow: { ...flow, state } },
  ];
  const { target } = rule;
  switch (target?.kind) {
    case 'accept':
    case 'drop':
    case 'reject':
      return [{ verdict: target.kind, flow }];
    case 'return':
      return [{ verdict: 'end', flow }];
    case 'jump':
      return enter(place, target.chain, flow).map((result) =>
        result.verdict === 'end' ? { verdict: 'next', flow: result.flow } : result,
      );
    // Where the target chain ends, this one does too: the kernel goes back to the last jump.
    case 'goto':
      return enter(place, target.chain, flow);
    case 'mark':
      return changed('next', setMark(flow.state, target));
    case 'dnat':
      askForRewrite(walk.scene.witness, flow.state, target);
      return changed('accept', rewriteDestination(flow.state, target));
    case 'masquerade':
      return changed('accept', masquerade(flow.state, walk.scene.host));
    case 'opaque':
    case undefined:
      return [{ verdict: 'next', flow }];
    default:
      return target satisfies never;
  }
}

function enter({ walk, nesting }: Place, name: string, flow: IptablesFlow): readonly Result[] {
  const chain = findChain(walk.table, name);
  return chain === undefined ? [{ verdict: 'end', flow }] : walkChain(walk, { chain, from: nesting }, flow);
}

/** Why the target cannot be followed, if so. */
function targetProblem({ walk, nesting, rule: { target } }: Place): IptablesProblemKind | undefined {
  if (target === undefined) return undefined;
  if (target.kind === 'opaque') return 'opaqueTarget';
  if (target.kind === 'jump' || target.kind === 'goto') {
    if (findChain(walk.table, target.chain) === undefined) return 'missingChain';
    return isInside(target.chain, nesting) ? 'loop' : undefined;
  }
  return isAllowedAt(target, walk.table.name, walk.hook) ? undefined : 'misplacedTarget';
}

function isInside(name: string, nesting: Nesting): boolean {
  for (let at: Nesting | undefined = nesting; at !== undefined; at = at.from) {
    if (at.chain.name === name) return true;
  }
  return false;
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

function addStep({ recordSteps }: IptablesWalk, flow: IptablesFlow, step: IptablesStep): IptablesFlow {
  return recordSteps ? { ...flow, steps: { last: step, before: flow.steps } } : flow;
}
