/** The Events that a node posts to its cluster. */
import type { NodeConfig } from '../../core/model/config.ts';
import type { ClusterEvent } from '../../kubernetes/events/event.ts';
import type { OwnerNotice } from '../owner-notice.ts';
import type { ServerName } from '../servers.ts';

/** The Event for the owner of a Service. */
export function noticeEvent({ reason, namespace, name, message, rival }: OwnerNotice): ClusterEvent {
  const action = reason === 'FailedToStartServiceHealthcheck' ? 'Listen' : 'Program';
  const about = { regarding: { kind: 'Service', namespace, name }, type: 'Warning', reason, action } as const;
  return { ...about, note: message, ...(rival === undefined ? {} : { sharedBy: rival }) };
}

/** A server that has to listen cannot, and the daemon ends: as kube-proxy says it of its two. */
export function failedStartEvent(nodeName: string, server: ServerName, note: string): ClusterEvent {
  const reason = server === 'healthz' ? 'FailedToStartProxierHealthcheck' : 'FailedToStartMetricServer';
  return { regarding: { kind: 'Node', name: nodeName }, type: 'Warning', reason, action: 'StartKubeProxy', note };
}

/** Posted once every Service is programmed, as by kube-proxy. */
export function startEvent({ nodeName, mode }: NodeConfig, version: string): ClusterEvent {
  const note = `rulewright ${version} keeps the Services of this node, in ${mode} mode`;
  const regarding = { kind: 'Node', name: nodeName } as const;
  return { regarding, type: 'Normal', reason: 'Starting', action: 'StartKubeProxy', note };
}
