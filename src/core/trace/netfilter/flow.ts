/** Shares of all packets on their path through netfilter, and the rules that they met. */
import type { Rational } from '../../structures/rational.ts';
import { type PacketState, stateKey } from './state.ts';

/** A share of all packets, in the same state. */
export interface Flow<Weight, Step> {
  readonly state: PacketState;
  readonly weight: Weight;
  /** The rules that it met; undefined before the first, and if steps are not recorded. */
  readonly steps: StepList<Step> | undefined;
}

/** A list from the last step backwards, so that branches share their earlier steps. */
export interface StepList<Step> {
  readonly last: Step;
  readonly before: StepList<Step> | undefined;
}

/** A backend's exact arithmetic of shares. */
export interface Weights<Weight> {
  /** The share that is all packets. */
  readonly one: Weight;
  readonly add: (a: Weight, b: Weight) => Weight;
  readonly toRational: (weight: Weight) => Rational;
}

export function withState<Weight, Step>(flow: Flow<Weight, Step>, change: Partial<PacketState>): Flow<Weight, Step> {
  return { ...flow, state: { ...flow.state, ...change } };
}

export function withStep<Weight, Step>(flow: Flow<Weight, Step>, step: Step): Flow<Weight, Step> {
  return { ...flow, steps: { last: step, before: flow.steps } };
}

/** In the order of the path. */
export function stepsInOrder<Step>(list: StepList<Step> | undefined): readonly Step[] {
  const steps: Step[] = [];
  for (let at = list; at !== undefined; at = at.before) steps.push(at.last);
  return steps.reverse();
}

/**
 * Joins flows in the same state, so that a sequence of random choices does not multiply them. Flows with recorded steps
 * stay separate: the rules that they met differ.
 */
export function joinFlows<Weight, Step>(
  flows: readonly Flow<Weight, Step>[],
  add: Weights<Weight>['add'],
): readonly Flow<Weight, Step>[] {
  if (flows.length < 2 || flows.some(({ steps }) => steps !== undefined)) return flows;
  // Most differ in their endpoints, which is quick to compare.
  if (new Set(flows.map(({ state }) => state.endpoint)).size === flows.length) return flows;
  const joined = new Map<string, Flow<Weight, Step>>();
  for (const flow of flows) {
    const key = stateKey(flow.state);
    const same = joined.get(key);
    joined.set(key, same === undefined ? flow : { ...flow, weight: add(same.weight, flow.weight) });
  }
  return [...joined.values()];
}
