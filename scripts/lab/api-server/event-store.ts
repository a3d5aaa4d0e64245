/** The Events that were posted to the test API server, checked as far as the real one would refuse them. */
import type { StatusAnswer } from './answer.ts';

export type PostedEvent = Readonly<Record<string, unknown>>;

export interface EventStore {
  /** By `namespace/name`. */
  readonly all: ReadonlyMap<string, PostedEvent>;
  /** Gives why it is refused. */
  readonly create: (namespace: string, body: string) => StatusAnswer | undefined;
  readonly patch: (namespace: string, name: string, body: string) => StatusAnswer | undefined;
}

export function createEventStore(): EventStore {
  const all = new Map<string, PostedEvent>();
  return {
    all,
    create: (namespace, body) => {
      const event = JSON.parse(body) as PostedEvent;
      const problem = checkEvent(namespace, event);
      if (problem !== undefined) return { code: 422, reason: 'Invalid', message: problem };
      const key = `${namespace}/${nameOf(event)}`;
      if (all.has(key)) return { code: 409, reason: 'AlreadyExists', message: `${key} exists` };
      all.set(key, event);
      return undefined;
    },
    patch: (namespace, name, body) => {
      const key = `${namespace}/${name}`;
      const before = all.get(key);
      if (before === undefined) return { code: 404, reason: 'NotFound', message: `${key} not found` };
      all.set(key, { ...before, ...(JSON.parse(body) as PostedEvent) });
      return undefined;
    },
  };
}

/** What pkg/apis/core/validation/events.go demands of a new events.k8s.io/v1 Event. */
function checkEvent(namespace: string, event: PostedEvent): string | undefined {
  const { metadata, regarding, eventTime, reportingController, reportingInstance, action, reason, note, type } =
    event as {
      [field: string]: string;
    } & { metadata?: { namespace?: string }; regarding?: { namespace?: string } };
  if (metadata?.namespace !== namespace) return 'metadata.namespace is not that of the path';
  if (!/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(nameOf(event))) return 'metadata.name is not valid';
  if ((regarding?.namespace ?? 'default') !== namespace) return 'regarding.namespace is another one';
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(eventTime ?? '')) return 'eventTime is not a MicroTime';
  if (!reportingController || !reportingInstance || !action || !reason) return 'a required field is missing';
  if (action.length > 128 || reason.length > 128 || (note ?? '').length > 1024) return 'a text is too long';
  return type === 'Normal' || type === 'Warning' ? undefined : 'type is neither Normal nor Warning';
}

function nameOf(event: PostedEvent): string {
  return (event['metadata'] as { name?: string } | undefined)?.name ?? '';
}
