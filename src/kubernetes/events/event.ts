/** Events of the API (events.k8s.io/v1): what `kubectl get events` shows. */
import { plainText } from '../../core/structures/safe-text.ts';

/** Something that happened to an object and that its owner should see. */
export interface ClusterEvent {
  readonly regarding:
    | { readonly kind: 'Node'; readonly name: string }
    | { readonly kind: 'Service'; readonly namespace: string; readonly name: string };
  readonly type: 'Normal' | 'Warning';
  /** In CamelCase: why, `FailedToStartServiceHealthcheck`. */
  readonly reason: string;
  /** In CamelCase: what was being done, `Listen`. */
  readonly action: string;
  /** For people. */
  readonly note: string;
  /**
   * All nodes find the same, and one Event is enough: its name is made from the object, the reason and this text, so
   * that the API server refuses those of all nodes but the first.
   */
  readonly sharedBy?: string;
}

/** An event and how often it happened. */
export interface EventSeries {
  readonly event: ClusterEvent;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly count: number;
}

/** Events about Nodes, which have no namespace, live here. */
export function namespaceOf({ regarding }: ClusterEvent): string {
  return regarding.kind === 'Node' ? 'default' : regarding.namespace;
}

/** Events with the same key are one event that happened several times. */
export function eventKey({ regarding, type, reason, action, sharedBy }: ClusterEvent): string {
  return JSON.stringify([regarding, type, reason, action, sharedBy]);
}

/** The object to post. `instance` says which rulewright it is: a name that no other node's has. */
export function eventObject(name: string, series: EventSeries, instance: string): unknown {
  const { event, firstAtMs, count } = series;
  const { regarding, type, reason, action, note } = event;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace: namespaceOf(event) },
    eventTime: microTime(firstAtMs),
    reportingController: 'rulewright',
    // The API's limit.
    reportingInstance: instance.slice(0, 128),
    regarding: referTo(regarding),
    type,
    reason,
    action,
    // The API takes 1024 bytes.
    note: plainText(note, 1000),
    ...(count > 1 ? seriesPatch(series) : {}),
  };
}

/** What changes when it happens again. */
export function seriesPatch({ count, lastAtMs }: EventSeries): { readonly series: unknown } {
  return { series: { count, lastObservedTime: microTime(lastAtMs) } };
}

/** Like kube-proxy's: `kubectl describe node` looks for events whose uid is the name of the node. */
function referTo(regarding: ClusterEvent['regarding']): unknown {
  if (regarding.kind === 'Node') return { kind: 'Node', name: regarding.name, uid: regarding.name };
  const { namespace, name } = regarding;
  return { apiVersion: 'v1', kind: 'Service', namespace, name, uid: `${namespace}/${name}` };
}

/** RFC 3339 with six digits after the point, as the API wants it here. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
