/** Moves a packet from hook to hook, in the order in which netfilter calls the parts of a ruleset. */
import type { Distribution, Outcome } from '../../model/packet.ts';
import type { Rational } from '../../structures/rational.ts';
import { outcomeKey } from '../distribution.ts';
import { askWhetherSent, hasCtState, type TraceScene } from '../witness.ts';
import type { FlowVerdict } from './chain.ts';
import { isLocal } from './fields.ts';
import { type Flow, joinFlows, stepsInOrder, type Weights, withState } from './flow.ts';
import type { ProblemLog } from './problem.ts';
import { type HookName, initialState } from './state.ts';

/** A unit that a hook calls: a table, a base chain, or all nat chains of the hook. */
export interface HookStage {
  readonly isNat: boolean;
  /** Whether conntrack has seen packets before this stage. */
  readonly isTracked: boolean;
  /** Whether an accepted packet counts as let in (`PacketState.letIn`). */
  readonly letsIn: boolean;
}

/** How a backend walks its ruleset. */
export interface HookWalk<Stage extends HookStage, Weight, Step> {
  readonly scene: TraceScene;
  readonly weights: Weights<Weight>;
  /** In the order in which the kernel calls them. */
  readonly stagesAt: (hook: HookName) => readonly Stage[];
  readonly walkStage: (
    stage: Stage,
    hook: HookName,
    flow: Flow<Weight, Step>,
  ) => readonly FlowVerdict<Flow<Weight, Step>>[];
  /** The kernel's state of a packet at the hook, as rules of this backend can see it. */
  readonly enterHook?: (hook: HookName, flow: Flow<Weight, Step>) => Flow<Weight, Step>;
}

/** A trace through a ruleset, with a log of rules without a model. */
export interface RulesWalk<Stage extends HookStage, Weight, Step, Problem> extends HookWalk<Stage, Weight, Step> {
  readonly log: ProblemLog<Problem>;
}

export interface RulesTrace<Problem> {
  readonly distribution: Distribution;
  /** Rules on the path without a model; the distribution is exact if this is empty. */
  readonly problems: readonly Problem[];
}

/** One path through a ruleset. */
export interface RulesPath<Step> {
  readonly outcome: Outcome;
  readonly probability: Rational;
  /** The rules that matched and had an effect, in order, and the policy if it dropped the packet. */
  readonly steps: readonly Step[];
}

export interface RulesPaths<Step, Problem> {
  /** Their probabilities add up to 1. */
  readonly paths: readonly RulesPath<Step>[];
  readonly problems: readonly Problem[];
}

/** The distribution of outcomes for the packet of the scene. */
export function traceRules<Stage extends HookStage, Weight, Step, Problem>(
  walk: RulesWalk<Stage, Weight, Step, Problem>,
): RulesTrace<Problem> {
  const { add, toRational } = walk.weights;
  const shares = new Map<string, { readonly outcome: Outcome; readonly weight: Weight }>();
  for (const arrival of sendPacket(walk)) {
    const outcome = outcomeOf(arrival);
    const key = outcomeKey(outcome);
    const known = shares.get(key);
    const { weight } = arrival.flow;
    shares.set(key, { outcome, weight: known === undefined ? weight : add(known.weight, weight) });
  }
  const distribution = new Map(
    [...shares].map(([key, { outcome, weight }]) => [key, { outcome, probability: toRational(weight) }]),
  );
  return { distribution, problems: walk.log.problems() };
}

/** Every path that the packet of the scene can take, rule by rule. Its flows must record steps. */
export function tracePaths<Stage extends HookStage, Weight, Step, Problem>(
  walk: RulesWalk<Stage, Weight, Step, Problem>,
): RulesPaths<Step, Problem> {
  const paths = sendPacket(walk).map((arrival) => ({
    outcome: outcomeOf(arrival),
    probability: walk.weights.toRational(arrival.flow.weight),
    steps: stepsInOrder(arrival.flow.steps),
  }));
  return { paths, problems: walk.log.problems() };
}

/** `arrived`: it left the node or was delivered here. */
interface Arrival<Weight, Step> {
  readonly kind: 'arrived' | 'drop' | 'reject';
  readonly flow: Flow<Weight, Step>;
}

function outcomeOf({ kind, flow: { state } }: Arrival<unknown, unknown>): Outcome {
  if (kind !== 'arrived') return { kind };
  const { endpoint, masqueraded: masquerade, letIn } = state;
  if (endpoint !== undefined) return { kind: 'dnat', endpoint, masquerade };
  return { kind: letIn ? 'accept' : 'pass', ...(masquerade ? { masquerade } : {}) };
}

function sendPacket<Stage extends HookStage, Weight, Step>(
  walk: HookWalk<Stage, Weight, Step>,
): readonly Arrival<Weight, Step>[] {
  const { packet, witness } = walk.scene;
  askWhetherSent(witness);
  const hook = packet.inputInterface === undefined ? 'output' : 'prerouting';
  return travel(walk, hook, { state: initialState(packet), weight: walk.weights.one, steps: undefined });
}

/** From one hook to the end of all its branches. */
function travel<Stage extends HookStage, Weight, Step>(
  walk: HookWalk<Stage, Weight, Step>,
  hook: HookName,
  entering: Flow<Weight, Step>,
): readonly Arrival<Weight, Step>[] {
  const arrivals: Arrival<Weight, Step>[] = [];
  let live: readonly Flow<Weight, Step>[] = [walk.enterHook?.(hook, entering) ?? entering];
  for (const stage of walk.stagesAt(hook)) {
    const next: Flow<Weight, Step>[] = [];
    for (const each of live) {
      for (const { verdict, flow } of throughStage(walk, stage, hook, each)) {
        if (verdict === 'drop' || verdict === 'reject') arrivals.push({ kind: verdict, flow });
        else next.push(verdict === 'accept' && stage.letsIn ? withState(flow, { letIn: true }) : flow);
      }
    }
    live = joinFlows(next, walk.weights.add);
  }
  for (const flow of live) arrivals.push(...depart(walk, hook, asTracked(flow)));
  return arrivals;
}

function throughStage<Stage extends HookStage, Weight, Step>(
  walk: HookWalk<Stage, Weight, Step>,
  stage: Stage,
  hook: HookName,
  entering: Flow<Weight, Step>,
): readonly FlowVerdict<Flow<Weight, Step>>[] {
  const flow = stage.isTracked ? asTracked(entering) : entering;
  // nf_nat_inet_fn runs once for each direction of a connection: for a packet that loops back, both are done.
  if (stage.isNat && (flow.state.looped || !hasCtState('new', walk.scene))) return [{ verdict: 'end', flow }];
  return walk.walkStage(stage, hook, flow);
}

function asTracked<Weight, Step>(flow: Flow<Weight, Step>): Flow<Weight, Step> {
  return flow.state.tracked ? flow : withState(flow, { tracked: true });
}

/** From a hook that accepted the packet to the next one, or to its final place. */
function depart<Stage extends HookStage, Weight, Step>(
  walk: HookWalk<Stage, Weight, Step>,
  hook: HookName,
  flow: Flow<Weight, Step>,
): readonly Arrival<Weight, Step>[] {
  const isToThisNode = (): boolean => isLocal('destination', flow.state, walk.scene);
  switch (hook) {
    case 'prerouting':
      return travel(walk, isToThisNode() ? 'input' : 'forward', flow);
    case 'forward':
    case 'output':
      return travel(walk, 'postrouting', flow);
    case 'postrouting':
      // Sent to this node itself: the loopback device hands the packet back, with its connection and mark.
      if (!isToThisNode()) return [{ kind: 'arrived', flow }];
      return travel(walk, 'prerouting', withState(flow, { inputInterface: 'lo', looped: true }));
    case 'input':
      return [{ kind: 'arrived', flow }];
    default:
      return hook satisfies never;
  }
}
