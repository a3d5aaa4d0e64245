/** Shares of all packets on their way through netfilter. */
import type { TableName } from '../../iptables/ruleset.ts';
import { addDyadic, type Dyadic } from '../dyadic.ts';
import { type PacketState, stateKey } from '../state.ts';
import type { StepList } from '../steps.ts';

/** A share of all packets, in the same state. */
export interface IptablesFlow {
  readonly state: PacketState;
  readonly weight: Dyadic;
  readonly steps: StepList<IptablesStep> | undefined;
}

/** A rule that a packet matched, or the policy of a built-in chain that dropped it. */
export interface IptablesStep {
  readonly table: TableName;
  readonly chain: string;
  /** Index of the rule in its chain, from 0. */
  readonly rule: number | 'policy';
}

/**
 * Joins flows that nothing tells apart any more, so that random matches one after the other do not double the work each
 * time. Flows with steps stay apart: how they came there is what is asked.
 */
export function joinFlows(flows: readonly IptablesFlow[]): readonly IptablesFlow[] {
  if (flows.length < 2 || flows.some(({ steps }) => steps !== undefined)) return flows;
  const joined = new Map<string, IptablesFlow>();
  for (const flow of flows) {
    const key = stateKey(flow.state);
    const same = joined.get(key);
    joined.set(key, same === undefined ? flow : { ...flow, weight: addDyadic(same.weight, flow.weight) });
  }
  return [...joined.values()];
}
