/** How a change affects open connections. */
import type { Protocol } from '../model/objects.ts';
import type { Change } from './changes.ts';

/**
 * How open connections are affected, in one line; undefined where they are not. The kernel asks the rules only about a
 * connection's first packet; rulewright clears UDP conntrack entries of removed endpoints and frontends.
 */
export function openConnections(changes: readonly Change[]): string | undefined {
  const protocols = new Set<Protocol>(changes.flatMap(protocolsLost));
  const lasting = [...protocols].filter((protocol) => protocol !== 'UDP').toSorted();
  const parts = [
    ...(lasting.length > 0
      ? [`${lasting.join(' and ')} connections to removed endpoints and frontends last until the pod exits`]
      : []),
    ...(protocols.has('UDP')
      ? ['UDP entries to removed endpoints and frontends are cleared, so the next packet goes through the rules again']
      : []),
  ];
  if (parts.length > 0) return parts.join('; ');
  return changes.some((change) => change.kind === 'effect' && change.effect === 'cutOff')
    ? 'they continue; only new connections fail'
    : undefined;
}

function protocolsLost(change: Change): readonly Protocol[] {
  if (change.kind === 'endpoints' && change.lost.length > 0) return [change.port.protocol];
  if (change.kind === 'frontend' && change.change === 'closed') return [change.frontend.protocol];
  return [];
}
