/** The Events that a node posts to its cluster. */
import type { NodeConfig } from '../../core/model/config.ts';
import type { ClusterEvent } from '../../kubernetes/events/event.ts';
import type { OwnerNotice } from '../owner-notice.ts';

/** The Event for the owner of a Service. */
export function noticeEvent({ reason, namespace, name, message, rival }: OwnerNotice): ClusterEvent {
  const action = reason === 'FailedToStartServiceHealthcheck' ? 'Listen' : 'Program';
  const about = { regarding: { kind: 'Service', namespace, name }, type: 'Warning', reason, action } as const;
  return { ...about, note: message, ...(rival === undefined ? {} : { sharedBy: rival }) };
}

/** Posted once every Service is programmed, as by kube-proxy. */
export function startEvent({ nodeName, mode }: NodeConfig, version: string): ClusterEvent {
  const note = `rulewright ${version} keeps the Services of this node, in ${mode} mode`;
  const regarding = { kind: 'Node', name: nodeName } as const;
  return { regarding, type: 'Normal', reason: 'Starting', action: 'StartKubeProxy', note };
}
