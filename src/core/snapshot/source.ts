/** Where objects come from: the watched API server, or a watched folder. What they have in common, as types. */
import type { Diagnostic } from '../diagnostics.ts';
import type { Manifest } from '../model/objects.ts';
import type { SnapshotEvent } from './snapshot.ts';

export type ObjectKind = Manifest['kind'];

/** One change to the snapshot, and what is known of when it began. */
export interface ObservedChange {
  readonly event: SnapshotEvent;
  /** When the pods or the Service behind an EndpointSlice changed (`last-change-trigger-time`), in ms since 1970. */
  readonly triggeredAtMs?: number;
}

/** What a source is doing, for the log: it must say why nothing happens. */
export interface SourceProgress {
  /** Absent where all kinds are meant. */
  readonly kind?: ObjectKind;
  readonly severity: 'debug' | 'info' | 'warning' | 'error';
  /** One line. Never holds credentials. */
  readonly message: string;
}

/** Receives what a source finds. Its functions only record, and never throw. */
export interface SourceSink {
  /** What changed, in order. An object that was never given is not deleted either. */
  changed(changes: readonly ObservedChange[]): void;
  /** All that is wrong with one object (`namespace/name`, or `name`) now; an empty list takes back what was said. */
  diagnosed(kind: ObjectKind, key: string, diagnostics: readonly Diagnostic[]): void;
  /** Every object of this kind that there is has been given once. Before that nothing may be programmed. */
  synced(kind: ObjectKind): void;
  progress(progress: SourceProgress): void;
}

export interface ObjectSource {
  /** The kinds that must be synced before anything is programmed. */
  readonly kinds: readonly ObjectKind[];
  /** Feeds the sink from now on; whatever fails on the way is tried again. */
  start(sink: SourceSink): RunningSource;
}

export interface RunningSource {
  /** Ends it; afterwards the sink is not called any more. */
  stop(): Promise<void>;
}
