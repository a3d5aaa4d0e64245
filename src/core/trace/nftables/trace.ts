/**
 * A packet through an nftables ruleset. It opens a connection, and routing is taken to deliver it: forwarding is on,
 * and so is route_localnet where a packet goes to or from 127.0.0.0/8.
 */
import { familyOf } from '../../model/address.ts';
import type { Distribution, Outcome, Packet, TraceHost } from '../../model/packet.ts';
import type { ForeignRuleset } from '../../nftables/listing/ruleset.ts';
import { one, type Rational } from '../../structures/rational.ts';
import { certain, mix } from '../distribution.ts';
import { initialState } from '../state.ts';
import { stepsInOrder } from '../steps.ts';
import { askWhetherSent, type Witness } from '../witness.ts';
import type { NftablesStep } from './flow.ts';
import { type Arrival, travel } from './hooks.ts';
import { type NftablesProblem, nftablesProblemLog } from './problem.ts';

export interface NftablesTrace {
  readonly distribution: Distribution;
  /** Rules that were met and could not be followed: empty when the distribution is the whole truth. */
  readonly problems: readonly NftablesProblem[];
}

/** One way through the ruleset. */
export interface NftablesPath {
  readonly outcome: Outcome;
  readonly probability: Rational;
  /** The rules that matched and did something, in order, and the policy if that dropped the packet. */
  readonly steps: readonly NftablesStep[];
}

export interface NftablesPaths {
  /** Their probabilities add up to 1. */
  readonly paths: readonly NftablesPath[];
  readonly problems: readonly NftablesProblem[];
}

/** What becomes of the packet: exact, since `numgen random mod n` is taken to draw evenly. */
export function traceNftables(
  ruleset: ForeignRuleset,
  packet: Packet,
  host: TraceHost,
  witness?: Witness,
): NftablesTrace {
  if (familyOf(packet.destination) !== ruleset.family) return { distribution: certain({ kind: 'pass' }), problems: [] };
  const { arrivals, problems } = trace(ruleset, { packet, host, witness, recordSteps: false });
  const parts = arrivals.map((arrival) => ({ probability: arrival.flow.weight, outcome: outcomeOf(arrival) }));
  return { distribution: mix(parts), problems };
}

/** Every way that the packet can take, rule by rule. */
export function traceNftablesSteps(ruleset: ForeignRuleset, packet: Packet, host: TraceHost): NftablesPaths {
  if (familyOf(packet.destination) !== ruleset.family) {
    return { paths: [{ outcome: { kind: 'pass' }, probability: one, steps: [] }], problems: [] };
  }
  const { arrivals, problems } = trace(ruleset, { packet, host, witness: undefined, recordSteps: true });
  const paths = arrivals.map((arrival) => ({
    outcome: outcomeOf(arrival),
    probability: arrival.flow.weight,
    steps: stepsInOrder(arrival.flow.steps),
  }));
  return { paths, problems };
}

interface TraceOptions {
  readonly packet: Packet;
  readonly host: TraceHost;
  readonly witness: Witness | undefined;
  readonly recordSteps: boolean;
}

interface Traced {
  readonly arrivals: readonly Arrival[];
  readonly problems: readonly NftablesProblem[];
}

function trace(ruleset: ForeignRuleset, { packet, host, witness, recordSteps }: TraceOptions): Traced {
  const log = nftablesProblemLog();
  askWhetherSent(witness);
  const hook = packet.inputInterface === undefined ? 'output' : 'prerouting';
  const start = { state: initialState(packet), weight: one, steps: undefined };
  const arrivals = travel({ scene: { ruleset, packet, host, witness }, log, recordSteps }, hook, start);
  return { arrivals, problems: log.problems() };
}

function outcomeOf({ kind, flow: { state } }: Arrival): Outcome {
  if (kind !== 'arrived') return { kind };
  const { endpoint, masqueraded: masquerade, letIn } = state;
  if (endpoint !== undefined) return { kind: 'dnat', endpoint, masquerade };
  return { kind: letIn ? 'accept' : 'pass', ...(masquerade ? { masquerade } : {}) };
}
