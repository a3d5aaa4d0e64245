/**
 * A packet through an nftables ruleset. It opens a connection, and routing is taken to deliver it: forwarding is on,
 * and so is route_localnet where a packet goes to or from 127.0.0.0/8.
 */
import { familyOf } from '../../model/address.ts';
import type { Distribution, Packet, TraceHost } from '../../model/packet.ts';
import type { ForeignRuleset } from '../../nftables/listing/ruleset.ts';
import { add, one, type Rational } from '../../structures/rational.ts';
import type { FlowVerdict } from '../netfilter/chain.ts';
import type { Weights } from '../netfilter/flow.ts';
import { distributionOf, type HookWalk, pathsOf, type RulesPath } from '../netfilter/hooks.ts';
import { type ProblemLog, problemLog } from '../netfilter/problem.ts';
import type { Witness } from '../witness.ts';
import type { NftablesScene } from './match.ts';
import type { NftablesProblem } from './problem.ts';
import { callsAt, type HookCall } from './ruleset-index.ts';
import { type NftablesFlow, type NftablesStep, type NftablesWalk, walkBaseChain } from './walk.ts';

export interface NftablesTrace {
  readonly distribution: Distribution;
  /** Rules that were met and could not be followed: empty when the distribution is the whole truth. */
  readonly problems: readonly NftablesProblem[];
}

export interface NftablesPaths {
  /** Their probabilities add up to 1. */
  readonly paths: readonly RulesPath<NftablesStep>[];
  readonly problems: readonly NftablesProblem[];
}

/** What happens to the packet: exact, since `numgen random mod n` is taken to draw evenly. */
export function traceNftables(
  ruleset: ForeignRuleset,
  packet: Packet,
  host: TraceHost,
  witness?: Witness,
): NftablesTrace {
  const log = nftablesLog();
  const distribution = distributionOf(walkOf({ ruleset, packet, host, witness }, log, false));
  return { distribution, problems: log.problems() };
}

/** Every way that the packet can take, rule by rule. */
export function traceNftablesSteps(ruleset: ForeignRuleset, packet: Packet, host: TraceHost): NftablesPaths {
  const log = nftablesLog();
  const paths = pathsOf(walkOf({ ruleset, packet, host, witness: undefined }, log, true));
  return { paths, problems: log.problems() };
}

function nftablesLog(): ProblemLog<NftablesProblem> {
  return problemLog((problem) => Object.values(problem).join(' '));
}

const weights: Weights<Rational> = { one, add, toRational: (weight) => weight };

function walkOf(
  scene: NftablesScene,
  log: ProblemLog<NftablesProblem>,
  recordSteps: boolean,
): HookWalk<HookCall, Rational, NftablesStep> {
  const { ruleset, packet } = scene;
  const isOfFamily = familyOf(packet.destination) === ruleset.family;
  return {
    scene,
    weights,
    stagesAt: (hook) => (isOfFamily ? callsAt(ruleset, hook) : []),
    walkStage: ({ chains }, _hook, flow) => walkBaseChains({ scene, log, recordSteps }, chains, flow),
  };
}

/** One filter chain, or all nat chains: an address that was rewritten stays so, and the other ones are not asked. */
function walkBaseChains(
  walk: NftablesWalk,
  chains: HookCall['chains'],
  entering: NftablesFlow,
): readonly FlowVerdict<NftablesFlow>[] {
  const decided: FlowVerdict<NftablesFlow>[] = [];
  let live: readonly FlowVerdict<NftablesFlow>[] = [{ verdict: 'end', flow: entering }];
  for (const chain of chains) {
    const next: FlowVerdict<NftablesFlow>[] = [];
    for (const result of live.flatMap(({ flow }) => walkBaseChain(walk, chain, flow))) {
      (result.verdict === 'end' || result.verdict === 'accept' ? next : decided).push(result);
    }
    live = next;
  }
  return [...decided, ...live];
}
