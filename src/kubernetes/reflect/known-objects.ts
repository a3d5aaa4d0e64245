/**
 * What the sink has been told of one kind: of each object its key and its version, nothing else. So after a new list
 * only what changed is passed on, and what has gone meanwhile is deleted.
 */
import { parseTimestamp } from '../../core/manifest/timestamp.ts';
import type { ObservedChange, SourceSink } from '../../core/snapshot/source.ts';
import { annotationOf, keyOf, versionOf } from '../metadata.ts';
import type { ReadObject, WatchedResource } from './resources.ts';

export interface KnownObjects {
  /** An object as it is now. What it changes is passed on with the next `flush`. */
  readonly set: (json: unknown) => void;
  readonly delete: (json: unknown) => void;
  /** From here on every object that there is will be set once … */
  readonly startOver: () => void;
  /** … until here: those that were not have gone. */
  readonly completeAll: () => void;
  /** The server's versions no longer mean what they did: objects are passed on again though their version is known. */
  readonly distrust: () => void;
  /** Passes on what changed since the last time. */
  readonly flush: () => void;
  readonly count: () => number;
}

/** `sinceMs`: times of changes before that are not passed on, they would be of others' making. */
export function createKnownObjects(resource: WatchedResource, sink: SourceSink, sinceMs: number): KnownObjects {
  const { kind } = resource;
  const versions = new Map<string, string>();
  /** Those of `versions` that the sink does not have, because they read as nothing. */
  const ignored = new Set<string>();
  const diagnosed = new Set<string>();
  let unseen: Set<string> | undefined;
  let changes: ObservedChange[] = [];

  const report = (key: string, diagnostics: ReadObject['diagnostics']) => {
    if (diagnostics.length > 0) diagnosed.add(key);
    else if (!diagnosed.delete(key)) return;
    sink.diagnosed(kind, key, diagnostics);
  };
  const withdraw = (key: string, isKnown: boolean) => {
    if (isKnown && !ignored.has(key)) changes.push({ event: { type: 'delete', kind, key } });
  };
  const forget = (key: string) => {
    withdraw(key, versions.delete(key));
    ignored.delete(key);
    report(key, []);
  };

  return {
    set: (json) => {
      const key = keyOf(kind, json);
      const version = versionOf(json);
      unseen?.delete(key);
      const known = versions.get(key);
      if (known !== undefined && known !== '' && known === version) return;
      const { manifest, diagnostics } = resource.read(json);
      report(key, diagnostics);
      if (manifest === undefined) {
        withdraw(key, known !== undefined);
        ignored.add(key);
      } else {
        const triggeredAtMs = (kind === 'EndpointSlice' ? triggerTimeOf(json) : undefined) ?? 0;
        const event = { type: 'set', manifest } as const;
        changes.push(triggeredAtMs >= sinceMs ? { event, triggeredAtMs } : { event });
        ignored.delete(key);
      }
      versions.set(key, version);
    },
    delete: (json) => forget(keyOf(kind, json)),
    startOver: () => {
      unseen = new Set(versions.keys());
    },
    completeAll: () => {
      for (const key of unseen ?? []) forget(key);
      unseen = undefined;
    },
    distrust: () => {
      for (const key of versions.keys()) versions.set(key, '');
    },
    flush: () => {
      if (changes.length === 0) return;
      const flushed = changes;
      changes = [];
      sink.changed(flushed);
    },
    count: () => versions.size - ignored.size,
  };
}

/** The annotation with which the EndpointSlice controller says when the change of pods was that led to this one. */
function triggerTimeOf(json: unknown): number | undefined {
  return parseTimestamp(annotationOf(json, 'endpoints.kubernetes.io/last-change-trigger-time'));
}
