/** What the quickstart has to know of a kind of rules. Another mode is another of these. */
import { iptablesBackend } from './iptables.ts';
import type { Options } from './options.ts';
import type { CompiledRules, Family } from './rules.ts';

export interface LoadPlace {
  readonly namespace: string;
  readonly families: readonly Family[];
  /** For files of our own, removed when the run ends. */
  readonly folder: string;
}

export interface RuleCounts {
  readonly table: string;
  readonly chains: number;
  readonly rules: number;
}

/** A rule, or a chain without one, and where it stands. */
export interface RuleLine {
  /** Table and chain. */
  readonly place: string;
  readonly text: string;
}

export interface Backend {
  /** Program and version, for people. */
  readonly version: () => Promise<string>;
  /** Replaces all rules in the namespace. */
  readonly load: (rules: CompiledRules, place: LoadPlace) => Promise<void>;
  readonly count: (text: string) => RuleCounts[];
  /** Without comments. */
  readonly lines: (text: string) => RuleLine[];
}

export function backendOf(options: Options): Backend {
  switch (options.mode) {
    case 'iptables':
      return iptablesBackend(options.iptables);
  }
}
