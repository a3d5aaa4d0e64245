/** What sources have said and the loop has not yet taken up. Handlers only record, so that no source ever waits. */
import type { Diagnostic } from '../core/diagnostics.ts';
import type { SnapshotEvent } from '../core/snapshot/snapshot.ts';
import type { ObjectKind, ObservedChange, SourceProgress, SourceSink } from '../core/snapshot/source.ts';
import type { Clock } from './clock.ts';

/** Changes that are taken up together. */
export interface Batch {
  readonly events: readonly SnapshotEvent[];
  readonly changes: { readonly services: number; readonly slices: number; readonly others: number };
  /** When the oldest of them was recorded: by the clock that waiting goes by, and by the wall's. */
  readonly queuedAtMs: number | undefined;
  readonly queuedAtWallMs: number | undefined;
  readonly triggeredAtMs: readonly number[];
}

export interface Inbox {
  readonly sink: SourceSink;
  /** When the oldest change that waits was recorded; undefined when none does. */
  waitingSinceMs(): number | undefined;
  /** The kinds of `wanted` that have not been given whole yet. */
  missing(wanted: readonly ObjectKind[]): readonly ObjectKind[];
  take(): Batch;
  /** What is wrong with objects now, whenever it was found. */
  diagnostics(): readonly Diagnostic[];
}

export interface InboxOptions {
  readonly clock: Clock;
  /** Something was recorded that may be a reason to turn. */
  readonly onNews: () => void;
  readonly onProgress: (progress: SourceProgress) => void;
}

interface Waiting {
  readonly sinceMs: number;
  readonly sinceWallMs: number;
  readonly changes: ObservedChange[];
}

export function createInbox({ clock, onNews, onProgress }: InboxOptions): Inbox {
  let waiting: Waiting | undefined;
  const synced = new Set<ObjectKind>();
  const complaints = new Map<string, readonly Diagnostic[]>();
  return {
    sink: {
      changed(changes) {
        if (changes.length === 0) return;
        waiting ??= { sinceMs: clock.nowMs(), sinceWallMs: clock.wallMs(), changes: [] };
        // Not spread into arguments: a first batch can be longer than a call may have.
        for (const change of changes) waiting.changes.push(change);
        onNews();
      },
      diagnosed(kind, key, diagnostics) {
        const name = `${kind} ${key}`;
        if (diagnostics.length === 0) complaints.delete(name);
        else complaints.set(name, diagnostics);
      },
      synced(kind) {
        synced.add(kind);
        onNews();
      },
      progress: onProgress,
    },
    waitingSinceMs: () => waiting?.sinceMs,
    missing: (wanted) => wanted.filter((kind) => !synced.has(kind)),
    take() {
      const taken = waiting;
      waiting = undefined;
      return batchOf(taken);
    },
    diagnostics: () => [...complaints.values()].flat(),
  };
}

function batchOf(waiting: Waiting | undefined): Batch {
  const changes = waiting?.changes ?? [];
  const counts = { services: 0, slices: 0, others: 0 };
  for (const { event } of changes) counts[counterOf(event)] += 1;
  return {
    events: changes.map(({ event }) => event),
    changes: counts,
    queuedAtMs: waiting?.sinceMs,
    queuedAtWallMs: waiting?.sinceWallMs,
    triggeredAtMs: changes.flatMap(({ triggeredAtMs }) => (triggeredAtMs === undefined ? [] : [triggeredAtMs])),
  };
}

function counterOf(event: SnapshotEvent): keyof Batch['changes'] {
  const kind = event.type === 'set' ? event.manifest.kind : event.kind;
  return kind === 'Service' ? 'services' : kind === 'EndpointSlice' ? 'slices' : 'others';
}
