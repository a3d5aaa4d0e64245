/** What one turn of the sync loop did, for logs, metrics and the debug pages. */
import type { Diagnostic } from '../core/diagnostics.ts';
import type { IpFamily } from '../core/model/address.ts';
import type { ProxyMode } from '../core/model/config.ts';
import type { ChangeCounts } from '../core/structures/named-difference.ts';

/** Why the loop turned. `start` is the first time; `repair` restores rules that another program changed. */
export type SyncCause = 'start' | 'change' | 'period' | 'repair' | 'retry';

export interface SyncReport {
  /** Counts turns, from 1. */
  readonly number: number;
  readonly cause: SyncCause;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** When the oldest change in this turn was recorded; absent when nothing had changed. */
  readonly queuedAtMs?: number;
  readonly compileMs: number;
  /** How many changes were taken in, by kind of object. */
  readonly changes: { readonly services: number; readonly slices: number; readonly others: number };
  /** Those that had a turn. */
  readonly families: readonly FamilyReport[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface FamilyReport {
  readonly family: IpFamily;
  readonly mode: ProxyMode;
  /** `unchanged`: nothing had to be sent. */
  readonly result: 'applied' | 'unchanged' | 'failed';
  readonly diffMs: number;
  readonly applyMs: number;
  readonly lockWaitMs: number;
  /** Exactly what was sent; empty when nothing was. */
  readonly text: string;
  /** By kind of object, as `diffRules` sums it up. */
  readonly summary: Readonly<Record<string, ChangeCounts>>;
  /** Why it failed. */
  readonly problem?: string;
  /** What had been lost or could not be read, a line each, when this repaired something. */
  readonly lost: readonly string[];
  /** Services (`namespace/name`) that are kept as they were, because the kernel refuses what they have become. */
  readonly quarantined: readonly string[];
  /** `last-change-trigger-time` of the slices whose change this turn programmed, ms since 1970. */
  readonly triggeredAtMs: readonly number[];
  /** Rules that stand now, by table (`nat`, `filter`; `rulewright` in nftables mode). */
  readonly rules: Readonly<Record<string, number>>;
  /** Service ports whose policy is Local and that have endpoints, but none on this node. */
  readonly withoutLocalEndpoints: { readonly internal: number; readonly external: number };
}
