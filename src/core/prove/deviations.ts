/**
 * Labels differences that look like a known difference between kube-proxy and rulewright (docs/semantics.md). A label
 * is a hint for readers: the result still counts as different.
 */
import type { ProxyMode } from '../model/config.ts';
import type { Distribution, Outcome, Packet } from '../model/packet.ts';
import type { Plan } from '../model/plan.ts';
import { findFrontend, indexPlan } from '../trace/plan/frontend-index.ts';

export interface Differing {
  readonly mode: ProxyMode;
  readonly plan: Plan;
  readonly packet: Packet;
  readonly expected: Distribution;
  readonly found: Distribution;
}

/** The label; undefined if it resembles no known difference. */
export function knownDeviation(differing: Differing): string | undefined {
  if (differing.mode === 'iptables' && leavesUnrefused(differing)) {
    return "kube-proxy's iptables mode lets this node's own packets to such an address leave the node";
  }
  if (differing.mode === 'nftables' && isUnacceptedHealthCheck(differing)) {
    return "kube-proxy's nftables mode has no rule that accepts health checks";
  }
  if (isRemoteHairpin(differing)) {
    return 'kube-proxy has a hairpin rule for endpoints on other nodes too, which cannot be the sender here';
  }
  return undefined;
}

/** KUBE-EXTERNAL-SERVICES is not in OUTPUT. */
function leavesUnrefused({ plan, packet, expected, found }: Differing): boolean {
  const frontend = findFrontend(indexPlan(plan), packet);
  return (
    packet.inputInterface === undefined &&
    frontend !== undefined &&
    frontend.kind !== 'clusterIP' &&
    isAlways(found, 'pass') &&
    (isAlways(expected, 'reject') || isAlways(expected, 'drop'))
  );
}

function isUnacceptedHealthCheck({ expected, found }: Differing): boolean {
  return isAlways(expected, 'accept') && isAlways(found, 'pass');
}

function isAlways(distribution: Distribution, kind: Outcome['kind']): boolean {
  return distribution.size === 1 && distribution.has(kind);
}

/** Equal, except that an endpoint on another node that is also the sender is masqueraded. */
function isRemoteHairpin({ packet, expected, found }: Differing): boolean {
  const [surplus, ...more] = [...found].filter(([key]) => !expected.has(key));
  if (surplus === undefined || more.length > 0 || found.size !== expected.size) return false;
  const { outcome } = surplus[1];
  return (
    outcome.kind === 'dnat' &&
    outcome.masquerade &&
    outcome.endpoint.startsWith(packet.source.includes(':') ? `[${packet.source}]:` : `${packet.source}:`) &&
    expected.has(outcome.endpoint)
  );
}
