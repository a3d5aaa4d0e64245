/** What the quickstart has to know of a kind of rules. */
import { iptablesBackend } from './iptables.ts';
import { nftablesBackend } from './nftables.ts';
import type { Options } from './options.ts';
import type { Family } from './rules.ts';

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
  /** Where rules look things up in sets and maps: how many things there are. */
  readonly elements?: number;
}

/** By family: the input of a program. */
export type Texts = Readonly<Record<Family, string>>;

export interface Backend {
  /** Program and version, for people. */
  readonly version: () => Promise<string>;
  /** Replaces all rules in the namespace. */
  readonly load: (rules: Texts, place: LoadPlace) => Promise<void>;
  /** Changes the rules in the namespace. A family may have no text. */
  readonly change: (transaction: Texts, place: LoadPlace) => Promise<void>;
  /** What the kernel says that its rules are. */
  readonly list: (place: LoadPlace) => Promise<string>;
  /** The command of a person who wants to see them. */
  readonly listCommand: string;
  readonly count: (text: string) => RuleCounts[];
}

export function backendOf(options: Options): Backend {
  switch (options.mode) {
    case 'iptables':
      return iptablesBackend(options.iptables);
    case 'nftables':
      return nftablesBackend;
    default:
      return options.mode satisfies never;
  }
}
