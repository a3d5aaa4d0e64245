/** The subject of a proof: a plan, and rules that rulewright compiled or that were read from a kernel. */
import type { IptablesRuleset } from '../iptables/ruleset.ts';
import type { Distribution, Packet, TraceHost } from '../model/packet.ts';
import type { Plan } from '../model/plan.ts';
import type { ForeignRuleset } from '../nftables/listing/ruleset.ts';
import { traceIptables } from '../trace/iptables/trace.ts';
import { traceNftables } from '../trace/nftables/trace.ts';
import { tracePlan } from '../trace/plan/trace.ts';
import type { Witness } from '../trace/witness.ts';
import { isSameFate } from './compare.ts';

/** Our `Rules` are assignable to this type. */
export type RulesToProve =
  | { readonly mode: 'iptables'; readonly ruleset: IptablesRuleset }
  | { readonly mode: 'nftables'; readonly ruleset: ForeignRuleset };

/** The plan and the rules of one family, and the node. */
export interface Subject {
  readonly plan: Plan;
  readonly rules: RulesToProve;
  readonly host: TraceHost;
}

/** The outcome of a packet in plan and rules. */
export type PacketComparison =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly expected: Distribution; readonly found: Distribution }
  /** The packet meets rules without a model; the descriptions are not escaped. */
  | { readonly kind: 'unknown'; readonly problems: readonly string[] };

const same: PacketComparison = { kind: 'same' };

export function fateOf({ plan, rules, host }: Subject, packet: Packet, witness?: Witness): PacketComparison {
  const expected = tracePlan(plan, packet, host, witness);
  const { distribution: found, problems } = traceThrough(rules, packet, host, witness);
  if (problems.length > 0) return { kind: 'unknown', problems };
  return isSameFate(rules.mode, expected, found) ? same : { kind: 'different', expected, found };
}

/** Traces a packet through rules of either mode, and describes problems. */
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
  opaqueMatch: 'unsupported match',
  opaqueTarget: 'unsupported target',
  opaque: 'unsupported expression',
  partial: 'set with unsupported elements',
  unknownInterface: 'outgoing interface, which only the routing table knows',
  missingChain: 'missing chain',
  missing: 'missing chain, set or map',
  loop: 'chain that jumps in a circle',
  misplacedTarget: 'target that the kernel does not allow at this hook',
  misplaced: 'statement that the kernel does not allow at this hook',
} as const;

function describeProblem(table: string, { kind, chain, rule, detail }: Problem): string {
  return `${table}chain ${chain}, rule ${rule + 1}: ${reasons[kind]}: ${detail}`;
}
