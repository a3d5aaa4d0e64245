import type { Distribution, Packet, TraceHost } from '../../../src/core/model/packet.ts';
import type { Rules } from '../../../src/core/rules.ts';
import { traceIptables } from '../../../src/core/trace/iptables/trace.ts';
import { traceNftables } from '../../../src/core/trace/nftables/trace.ts';

/** A packet through rules of either mode. */
export function traceRules(
  rules: Rules,
  packet: Packet,
  host: TraceHost,
): { readonly distribution: Distribution; readonly problems: readonly unknown[] } {
  return rules.mode === 'iptables'
    ? traceIptables(rules.ruleset, packet, host)
    : traceNftables(rules.ruleset, packet, host);
}
