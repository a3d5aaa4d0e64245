/** What a proof is about: a plan, and rules that rulewright made or that were read from a kernel. */
import type { IptablesRuleset } from '../iptables/ruleset.ts';
import type { Distribution, Packet, TraceHost } from '../model/packet.ts';
import type { Plan } from '../model/plan.ts';
import type { ForeignRuleset } from '../nftables/listing/ruleset.ts';
import { traceIptables } from '../trace/iptables/trace.ts';
import { traceNftables } from '../trace/nftables/trace.ts';
import { tracePlan } from '../trace/plan/trace.ts';
import type { Witness } from '../trace/witness.ts';
import { isSameFate } from './compare.ts';

/** Our own `Rules` are rules of this type. */
export type RulesToProve =
  | { readonly mode: 'iptables'; readonly ruleset: IptablesRuleset }
  | { readonly mode: 'nftables'; readonly ruleset: ForeignRuleset };

/** The plan and the rules of one family, and the node that packets meet. */
export interface Subject {
  readonly plan: Plan;
  readonly rules: RulesToProve;
  readonly host: TraceHost;
}

/** What plan and rules do with a packet. */
export type PacketComparison =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly expected: Distribution; readonly found: Distribution }
  /** The packet meets rules that cannot be followed; each is told in words that are not escaped. */
  | { readonly kind: 'unknown'; readonly problems: readonly string[] };

const same: PacketComparison = { kind: 'same' };

export function fateOf({ plan, rules, host }: Subject, packet: Packet, witness?: Witness): PacketComparison {
  const expected = tracePlan(plan, packet, host, witness);
  const { distribution: found, problems } = traceThrough(rules, packet, host, witness);
  if (problems.length > 0) return { kind: 'unknown', problems };
  return isSameFate(rules.mode, expected, found) ? same : { kind: 'different', expected, found };
}

/** A packet through rules of either mode, with problems in words. */
export function traceThrough(
  rules: RulesToProve,
  packet: Packet,
  host: TraceHost,
  witness: Witness | undefined,
): { readonly distribution: Distribution; readonly problems: readonly string[] } {
  if (rules.mode === 'iptables') {
    const { distribution, problems } = traceIptables(rules.ruleset, packet, host, witness);
    return { distribution, problems: problems.map((each) => describeProblem(`table ${each.table}, `, each)) };
  }
  const { distribution, problems } = traceNftables(rules.ruleset, packet, host, witness);
  return { distribution, problems: problems.map((each) => describeProblem('', each)) };
}

interface Problem {
  readonly kind: keyof typeof reasons;
  readonly chain: string;
  readonly rule: number;
  readonly detail: string;
}

const reasons = {
  opaqueMatch: 'a match that is not understood',
  opaqueTarget: 'a target that is not understood',
  opaque: 'words that are not understood',
  partial: 'a set with elements that are not understood',
  unknownInterface: 'an interface to leave by, which only the routing table knows',
  missingChain: 'a chain that does not exist',
  missing: 'a chain, set or map that does not exist',
  loop: 'a chain that leads back into itself',
  misplacedTarget: 'a target that the kernel does not take at this hook',
  misplaced: 'a statement that the kernel does not take at this hook',
} as const;

function describeProblem(table: string, { kind, chain, rule, detail }: Problem): string {
  return `${table}chain ${chain}, rule ${rule + 1}: ${reasons[kind]}: ${detail}`;
}
