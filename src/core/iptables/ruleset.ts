/**
 * An iptables ruleset as values: what `iptables-restore` reads and `iptables-save` says, without the text. Text is made
 * in print.ts and read in parse.ts and nowhere else.
 */
import type { Cidr, IpAddress, IpFamily } from '../model/address.ts';
import type { Protocol } from '../model/objects.ts';

export interface IptablesRuleset {
  readonly family: IpFamily;
  readonly tables: readonly Table[];
}

export interface Table {
  readonly name: TableName;
  /** Built-in chains first. Chains that did not change keep their identity from one compile to the next. */
  readonly chains: readonly IptablesChain[];
}

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

export interface IptablesChain {
  readonly name: string;
  /** Policy of a built-in chain; absent for our own chains and for a built-in chain whose policy is left as it is. */
  readonly policy?: 'ACCEPT' | 'DROP';
  readonly rules: readonly IptablesRule[];
}

/** All parts of the match must hold; a rule without a target only counts packets. */
export interface IptablesRule {
  readonly match: IptablesMatch;
  readonly target?: IptablesTarget;
  readonly comment?: string;
}

export interface IptablesMatch {
  readonly source?: Negatable<Cidr>;
  readonly destination?: Negatable<Cidr>;
  /** A trailing `+` stands for any rest of the name. */
  readonly inputInterface?: Negatable<string>;
  readonly outputInterface?: Negatable<string>;
  readonly protocol?: Protocol;
  readonly destinationPort?: PortRange;
  readonly sourceType?: Negatable<'LOCAL'>;
  readonly destinationType?: Negatable<'LOCAL'>;
  readonly ctStates?: Negatable<readonly CtState[]>;
  readonly mark?: Negatable<MaskedMark>;
  /** Holds with probability `random / 2^31`: the kernel's own unit (xt_statistic compares 31 random bits). */
  readonly random?: number;
  readonly recent?: Recent;
  readonly nfacct?: string;
  /** Words of a match from a foreign ruleset that rulewright has no model for. Never made by `lower`. */
  readonly opaque?: readonly string[];
}

export interface Negatable<T> {
  readonly value: T;
  readonly negated?: true;
}

/** Inclusive; `from` equals `to` for a single port. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** In the order in which iptables-save prints them. */
export const ctStates = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'] as const;
export type CtState = (typeof ctStates)[number];

export interface MaskedMark {
  readonly mark: number;
  readonly mask: number;
}

/** xt_recent: `set` remembers the source under this name; `rcheck` holds when it was seen within `seconds`. */
export type Recent =
  | { readonly operation: 'set'; readonly name: string }
  | { readonly operation: 'rcheck'; readonly name: string; readonly seconds: number; readonly reap: boolean };

export type IptablesTarget =
  /** Continue in another chain; come back when it ends (`-j`), or to the caller's caller (`-g`). */
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'accept' | 'drop' | 'return' }
  /** `icmp-port-unreachable` or `icmp6-port-unreachable`, or whatever a foreign ruleset says. */
  | { readonly kind: 'reject'; readonly with: string }
  | { readonly kind: 'dnat'; readonly address: IpAddress; readonly port?: number }
  | { readonly kind: 'masquerade'; readonly randomFully: boolean }
  /**
   * The bits of `mask` are cleared, then `mark` is XORed in (`--set-xmark`; or-mark, xor-mark and set-mark are cases).
   */
  | { readonly kind: 'mark'; readonly mark: number; readonly mask: number }
  /** A target of a foreign ruleset, as its words after `-j`. Never made by `lower`. */
  | { readonly kind: 'opaque'; readonly words: readonly string[] };
