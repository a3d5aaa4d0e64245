/** What the quickstart has to know of a kind of rules. */
import type { Family } from '../node/rules.ts';

/** The node's namespace, and what is in it. */
export interface Place {
  readonly namespace: string;
  /** Those that this kernel has. */
  readonly families: readonly Family[];
  /** Of this run, for all its files. */
  readonly folder: string;
  /** The program under test. */
  readonly program: string;
}

export interface RuleCounts {
  readonly table: string;
  readonly chains: number;
  readonly rules: number;
  /** Where rules look things up in sets and maps: how many things there are. */
  readonly elements?: number;
}

export interface Backend {
  /** Program and version, for people. */
  readonly version: () => Promise<string>;
  /** What has to be there before the daemon starts. */
  readonly prepare: (place: Place) => Promise<void>;
  /** What the kernel says that its rules are. */
  readonly list: (place: Place) => Promise<string>;
  /** The command of a person who wants to see them. */
  readonly listCommand: string;
  readonly count: (text: string) => RuleCounts[];
}
