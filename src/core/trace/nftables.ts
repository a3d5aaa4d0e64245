/**
 * A packet through an nftables ruleset. It opens a connection, and routing is taken to deliver it: forwarding is on,
 * and so is route_localnet where a packet goes to or from 127.0.0.0/8.
 */
import { familyOf } from '../model/address.ts';
import type { Distribution, Outcome, Packet, TraceHost } from '../model/packet.ts';
import { one } from '../model/rational.ts';
import type { Ruleset } from '../nftables/ruleset.ts';
import { certain, mix } from './distribution.ts';
import { initialState } from './iptables-state.ts';
import { type Arrival, travel } from './nftables-hooks.ts';
import { type NftablesProblem, nftablesProblemLog } from './nftables-problem.ts';

export interface NftablesTrace {
  readonly distribution: Distribution;
  /** Rules that were met and could not be followed: empty when the distribution is the whole truth. */
  readonly problems: readonly NftablesProblem[];
}

/** What becomes of the packet: exact, since `numgen random mod n` is taken to draw evenly. */
export function traceNftables(ruleset: Ruleset, packet: Packet, host: TraceHost): NftablesTrace {
  if (familyOf(packet.destination) !== ruleset.family) return { distribution: certain({ kind: 'pass' }), problems: [] };
  const log = nftablesProblemLog();
  const hook = packet.inputInterface === undefined ? 'output' : 'prerouting';
  const start = { state: initialState(packet), weight: one };
  const arrivals = travel({ scene: { ruleset, packet, host }, log }, hook, start);
  const parts = arrivals.map((arrival) => ({ probability: arrival.flow.weight, outcome: outcomeOf(arrival) }));
  return { distribution: mix(parts), problems: log.problems() };
}

function outcomeOf({ kind, flow: { state } }: Arrival): Outcome {
  if (kind !== 'arrived') return { kind };
  const { endpoint, masqueraded: masquerade, letIn } = state;
  if (endpoint !== undefined) return { kind: 'dnat', endpoint, masquerade };
  return { kind: letIn ? 'accept' : 'pass' };
}
