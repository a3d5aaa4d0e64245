/**
 * A packet through an iptables ruleset. It opens a connection, and routing is taken to deliver it: forwarding is on,
 * and so is route_localnet where a packet goes to or from 127.0.0.0/8.
 */
import type { IptablesRuleset } from '../../iptables/ruleset.ts';
import type { Distribution, Outcome, Packet, TraceHost } from '../../model/packet.ts';
import type { Rational } from '../../structures/rational.ts';
import { outcomeKey } from '../distribution.ts';
import { addDyadic, certainty, type Dyadic, dyadicToRational } from '../dyadic.ts';
import { initialState } from '../state.ts';
import { stepsInOrder } from '../steps.ts';
import { askWhetherSent, type Witness } from '../witness.ts';
import type { IptablesStep } from './flow.ts';
import { type Arrival, travel } from './hooks.ts';
import { type IptablesProblem, problemLog } from './problem.ts';

export interface IptablesTrace {
  readonly distribution: Distribution;
  /** Rules that were met and could not be followed: empty when the distribution is the whole truth. */
  readonly problems: readonly IptablesProblem[];
}

/** One way through the ruleset. */
export interface IptablesPath {
  readonly outcome: Outcome;
  readonly probability: Rational;
  /** The rules that matched, in order, and the policy if that dropped the packet. */
  readonly steps: readonly IptablesStep[];
}

export interface IptablesPaths {
  /** Their probabilities add up to 1. */
  readonly paths: readonly IptablesPath[];
  readonly problems: readonly IptablesProblem[];
}

/** What becomes of the packet. */
export function traceIptables(
  ruleset: IptablesRuleset,
  packet: Packet,
  host: TraceHost,
  witness?: Witness,
): IptablesTrace {
  const { arrivals, problems } = trace(ruleset, { packet, host, witness, recordSteps: false });
  return { distribution: distributionOf(arrivals), problems };
}

/** Every way that the packet can take, rule by rule. */
export function traceIptablesSteps(ruleset: IptablesRuleset, packet: Packet, host: TraceHost): IptablesPaths {
  const { arrivals, problems } = trace(ruleset, { packet, host, witness: undefined, recordSteps: true });
  const paths = arrivals.map((arrival) => ({
    outcome: outcomeOf(arrival),
    probability: dyadicToRational(arrival.flow.weight),
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
  readonly problems: readonly IptablesProblem[];
}

function trace(ruleset: IptablesRuleset, { packet, host, witness, recordSteps }: TraceOptions): Traced {
  const nat = ruleset.tables.find(({ name }) => name === 'nat');
  const log = problemLog();
  const start = { state: initialState(packet), weight: certainty, steps: undefined };
  askWhetherSent(witness);
  const hook = packet.inputInterface === undefined ? 'OUTPUT' : 'PREROUTING';
  const arrivals = travel({ ruleset, scene: { packet, host, nat, witness }, log, recordSteps }, hook, start);
  return { arrivals, problems: log.problems() };
}

function outcomeOf({ kind, flow: { state } }: Arrival): Outcome {
  if (kind !== 'arrived') return { kind };
  const { endpoint, masqueraded: masquerade, letIn } = state;
  if (endpoint !== undefined) return { kind: 'dnat', endpoint, masquerade };
  return { kind: letIn ? 'accept' : 'pass', ...(masquerade ? { masquerade } : {}) };
}

function distributionOf(arrivals: readonly Arrival[]): Distribution {
  const shares = new Map<string, { readonly outcome: Outcome; readonly weight: Dyadic }>();
  for (const arrival of arrivals) {
    const outcome = outcomeOf(arrival);
    const key = outcomeKey(outcome);
    const before = shares.get(key);
    const { weight } = arrival.flow;
    shares.set(key, { outcome, weight: before === undefined ? weight : addDyadic(before.weight, weight) });
  }
  return new Map(
    [...shares].map(([key, { outcome, weight }]) => [key, { outcome, probability: dyadicToRational(weight) }]),
  );
}
