/** Shares of all packets on their way through nftables, as exact fractions. */

import type { ForeignElement } from '../../nftables/listing/ruleset.ts';
import { add, complement, isOne, isZero, multiply, type Rational } from '../../structures/rational.ts';
import { type PacketState, stateKey } from '../state.ts';
import type { StepList } from '../steps.ts';

/** A rule that a packet matched, or the policy of a base chain that dropped it. */
export interface NftablesStep {
  readonly chain: string;
  /** Index of the rule in its chain, from 0. */
  readonly rule: number | 'policy';
  /** What the map that the rule asks has for the packet. */
  readonly found?: { readonly map: string; readonly element: ForeignElement; readonly owner: string };
}

/** A share of all packets, in the same state. */
export interface NftablesFlow {
  readonly state: PacketState;
  readonly weight: Rational;
  /** Undefined while none was taken, and where nobody wants to know. */
  readonly steps: StepList<NftablesStep> | undefined;
}

export function withState(flow: NftablesFlow, change: Partial<PacketState>): NftablesFlow {
  return { ...flow, state: { ...flow.state, ...change } };
}

/** The part of a flow with this probability. */
export function shareOf(flow: NftablesFlow, probability: Rational): NftablesFlow {
  return isOne(probability) ? flow : { ...flow, weight: multiply(flow.weight, probability) };
}

/** The flow with and without luck; undefined where nothing goes that way. */
export function split(
  flow: NftablesFlow,
  probability: Rational,
): { taken: NftablesFlow | undefined; missed: NftablesFlow | undefined } {
  return {
    taken: isZero(probability) ? undefined : shareOf(flow, probability),
    missed: isOne(probability) ? undefined : shareOf(flow, complement(probability)),
  };
}

/**
 * Joins flows that nothing tells apart any more, so that random choices one after the other do not multiply them. Flows
 * with steps stay apart: how they came there is what is asked.
 */
export function joinFlows(flows: readonly NftablesFlow[]): readonly NftablesFlow[] {
  if (flows.length < 2 || flows.some(({ steps }) => steps !== undefined)) return flows;
  // Most are apart by their endpoints, which is quickly seen.
  if (new Set(flows.map(({ state }) => state.endpoint)).size === flows.length) return flows;
  const joined = new Map<string, NftablesFlow>();
  for (const flow of flows) {
    const key = stateKey(flow.state);
    const same = joined.get(key);
    joined.set(key, same === undefined ? flow : { ...flow, weight: add(same.weight, flow.weight) });
  }
  return [...joined.values()];
}
