/**
 * Traces a packet through an nftables ruleset. The packet opens a connection, and routing is assumed to deliver it:
 * forwarding is on, and so is route_localnet for packets to or from 127.0.0.0/8.
 */
import { familyOf } from '../../model/address.ts';
import type { Packet, TraceHost } from '../../model/packet.ts';
import type { ForeignRuleset } from '../../nftables/listing/ruleset.ts';
import { add, one, type Rational } from '../../structures/rational.ts';
import type { FlowVerdict } from '../netfilter/chain.ts';
import type { Weights } from '../netfilter/flow.ts';
import { type RulesPaths, type RulesTrace, type RulesWalk, tracePaths, traceRules } from '../netfilter/hooks.ts';
import { problemLog } from '../netfilter/problem.ts';
import type { Witness } from '../witness.ts';
import type { NftablesScene } from './match.ts';
import type { NftablesProblem } from './problem.ts';
import { callsAt, type HookCall } from './ruleset-index.ts';
import { type NftablesFlow, type NftablesStep, type NftablesWalk, walkBaseChain } from './walk.ts';

/** The distribution of outcomes of the packet; exact if `numgen random mod n` is uniform. */
export function traceNftables(
  ruleset: ForeignRuleset,
  packet: Packet,
  host: TraceHost,
  witness?: Witness,
): RulesTrace<NftablesProblem> {
  return traceRules(walkOf({ ruleset, packet, host, witness }, false));
}

/** Every path that the packet can take, rule by rule. */
export function traceNftablesSteps(
  ruleset: ForeignRuleset,
  packet: Packet,
  host: TraceHost,
): RulesPaths<NftablesStep, NftablesProblem> {
  return tracePaths(walkOf({ ruleset, packet, host, witness: undefined }, true));
}

const weights: Weights<Rational> = { one, add, toRational: (weight) => weight };

function walkOf(
  scene: NftablesScene,
  recordSteps: boolean,
): RulesWalk<HookCall, Rational, NftablesStep, NftablesProblem> {
  const { ruleset, packet } = scene;
  const log = problemLog<NftablesProblem>((problem) => Object.values(problem).join(' '));
  const isOfFamily = familyOf(packet.destination) === ruleset.family;
  return {
    scene,
    log,
    weights,
    stagesAt: (hook) => (isOfFamily ? callsAt(ruleset, hook) : []),
    walkStage: ({ chains }, _hook, flow) => walkBaseChains({ scene, log, recordSteps }, chains, flow),
  };
}

/** One filter chain, or all nat chains: after the first rewrite, the remaining nat chains are skipped. */
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
