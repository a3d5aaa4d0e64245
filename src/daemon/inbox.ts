/** What sources have said and the loop has not yet taken up. Handlers only record, so that no source ever waits. */

import type { Clock } from '../clock.ts';
import type { Diagnostic } from '../core/diagnostics.ts';
import { keyOfManifest } from '../core/model/objects.ts';
import type { HostEvent, SnapshotEvent } from '../core/snapshot/snapshot.ts';
import type { ObjectKind, ObservedChange, SourceProgress, SourceSink } from '../core/snapshot/source.ts';

/** Changes that are taken up together. */
export interface Batch {
  /** At most one for each object: the last; and one for the machine. */
  readonly events: readonly (SnapshotEvent | HostEvent)[];
  /** How many were recorded. */
  readonly changes: { readonly services: number; readonly slices: number; readonly others: number };
  /** When the oldest of them was recorded: by the steady clock, and by the wall clock. */
  readonly queuedAtMs: number | undefined;
  readonly queuedAtWallMs: number | undefined;
  readonly triggeredAtMs: readonly number[];
}

/** Records what sources say until the loop takes it. */
export interface Inbox {
  /** For sources: whatever they say is taken up by a turn soon. */
  readonly sink: SourceSink;
  /** Records what this program found out about its machine. */
  learn(facts: HostEvent['facts']): void;
  /** Calls back each time that something was recorded that may be a reason to turn. */
  onNews(callback: () => void): void;
  /** When that was the last time, in milliseconds since 1970; undefined before the first. */
  lastNewsAtMs(): number | undefined;
  waiting(): WaitingChanges;
  /** The kinds of `wanted` that have not been given whole yet. */
  missing(wanted: readonly ObjectKind[]): readonly ObjectKind[];
  take(): Batch;
  /** What is wrong with objects now, whenever it was found. */
  diagnostics(): readonly Diagnostic[];
}

/** What is recorded and not taken up yet. */
export interface WaitingChanges {
  /** When the oldest was recorded, by the clock's `nowMs`; undefined when there is none. */
  readonly sinceMs: number | undefined;
  readonly services: number;
  readonly slices: number;
}

export interface InboxOptions {
  readonly clock: Clock;
  readonly onProgress: (progress: SourceProgress) => void;
}

interface Waiting {
  readonly sinceMs: number;
  readonly sinceWallMs: number;
  /** The last event of each object, by kind and name, so that many changes to one object take no more memory. */
  readonly events: Map<string, SnapshotEvent>;
  readonly counts: { services: number; slices: number; others: number };
  readonly triggeredAtMs: number[];
  host: HostEvent['facts'] | undefined;
}

/** The trigger times of at most this many changes are kept, for a metric. */
export const maxTriggers = 10_000;

export function createInbox({ clock, onProgress }: InboxOptions): Inbox {
  let waiting: Waiting | undefined;
  const synced = new Set<ObjectKind>();
  const complaints = new Map<string, readonly Diagnostic[]>();
  const listeners: (() => void)[] = [];
  let lastNewsAtMs: number | undefined;
  const tellNews = (): void => {
    lastNewsAtMs = clock.wallMs();
    for (const listener of listeners) listener();
  };
  return {
    sink: {
      changed(changes) {
        if (changes.length === 0) return;
        waiting ??= nothingSince(clock);
        for (const change of changes) record(waiting, change);
        tellNews();
      },
      diagnosed(kind, key, diagnostics) {
        const name = `${kind} ${key}`;
        if (diagnostics.length === 0) complaints.delete(name);
        else complaints.set(name, diagnostics);
      },
      synced(kind) {
        synced.add(kind);
        tellNews();
      },
      progress: onProgress,
    },
    learn(facts) {
      waiting ??= nothingSince(clock);
      waiting.host = { ...waiting.host, ...facts };
      waiting.counts.others += 1;
      tellNews();
    },
    onNews: (callback) => listeners.push(callback),
    lastNewsAtMs: () => lastNewsAtMs,
    waiting: () => ({ sinceMs: waiting?.sinceMs, services: 0, slices: 0, ...waiting?.counts }),
    missing: (wanted) => wanted.filter((kind) => !synced.has(kind)),
    take() {
      const taken = waiting;
      waiting = undefined;
      return batchOf(taken);
    },
    diagnostics: () => [...complaints.values()].flat(),
  };
}

function nothingSince(clock: Clock): Waiting {
  const counts = { services: 0, slices: 0, others: 0 };
  return {
    ...{ sinceMs: clock.nowMs(), sinceWallMs: clock.wallMs(), events: new Map(), counts, triggeredAtMs: [] },
    host: undefined,
  };
}

function record({ events, counts, triggeredAtMs }: Waiting, change: ObservedChange): void {
  const { event } = change;
  events.set(`${kindOf(event)} ${nameOf(event)}`, event);
  counts[counterOf(event)] += 1;
  if (change.triggeredAtMs !== undefined && triggeredAtMs.length < maxTriggers) {
    triggeredAtMs.push(change.triggeredAtMs);
  }
}

function batchOf(waiting: Waiting | undefined): Batch {
  return {
    events: [
      ...(waiting?.events.values() ?? []),
      ...(waiting?.host === undefined ? [] : [{ type: 'host', facts: waiting.host } as const]),
    ],
    changes: waiting?.counts ?? { services: 0, slices: 0, others: 0 },
    queuedAtMs: waiting?.sinceMs,
    queuedAtWallMs: waiting?.sinceWallMs,
    triggeredAtMs: waiting?.triggeredAtMs ?? [],
  };
}

function kindOf(event: SnapshotEvent): ObjectKind {
  return event.type === 'set' ? event.manifest.kind : event.kind;
}

/** As the keys of deletions have it: Services and slices with their namespace. */
function nameOf(event: SnapshotEvent): string {
  return event.type === 'delete' ? event.key : keyOfManifest(event.manifest);
}

function counterOf(event: SnapshotEvent): keyof Batch['changes'] {
  const kind = kindOf(event);
  return kind === 'Service' ? 'services' : kind === 'EndpointSlice' ? 'slices' : 'others';
}
