/** Session affinity as a dump shows it: nft lists the clients that the kernel remembers. */
import type { Packet, TraceHost } from '../../model/packet.ts';
import { formatDistribution } from '../../trace/distribution.ts';
import { endpointsOfSet } from '../../trace/nftables/ruleset-index.ts';
import { traceNftables } from '../../trace/nftables/trace.ts';
import type { WalkedRules } from '../walk/rules.ts';

/**
 * The packet as one of a client that the rules remember, where they do; a client may be known to many Services, and the
 * one that matters is the one that makes a difference.
 */
export function withMemory(rules: WalkedRules, packet: Packet, host: TraceHost): Packet {
  if (rules.mode === 'iptables' || packet.remembered !== undefined) return packet;
  const { ruleset } = rules;
  const fateOf = (one: Packet) => formatDistribution(traceNftables(ruleset, one, host).distribution);
  const endpoints = ruleset.sets
    .filter(({ learned = [] }) => learned.some(({ key: [source] }) => source === packet.source))
    .flatMap(({ name }) => endpointsOfSet(ruleset, name));
  if (endpoints.length === 0) return packet;
  const fate = fateOf(packet);
  const remembered = endpoints.find((endpoint) => fateOf({ ...packet, remembered: endpoint }) !== fate);
  return remembered === undefined ? packet : { ...packet, remembered };
}
