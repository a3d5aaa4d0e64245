/**
 * An nftables table as anybody may have written it: ours, kube-proxy's, or one that was edited by hand. Each of our own
 * rulesets is one of these too, so whoever walks packets through these can walk them through ours. Made by parse.ts
 * alone, never by `lower`.
 *
 * Elements on the spot (`ip saddr { … }`, `numgen random mod 3 map { … }`) become sets of their own with the names that
 * the kernel gives to such sets: `__set0`, `__map1`.
 */
import type { IpFamily } from '../../model/address.ts';
import type { Chunked } from '../../structures/chunked.ts';
import type {
  Element,
  ElementGroup,
  ElementValue,
  NamedSet,
  NftablesHook,
  NftablesMatch,
  NftablesRule,
  Statement,
} from '../ruleset.ts';

export interface ForeignRuleset {
  readonly family: IpFamily;
  readonly sets: readonly ForeignSet[];
  readonly chains: readonly ForeignChain[];
}

export interface ForeignChain {
  readonly name: string;
  readonly hook?: ForeignHook;
  readonly rules: readonly ForeignRule[];
}

export interface ForeignHook extends NftablesHook {
  /** What becomes of packets that no rule decides; absent where they are let through. */
  readonly policy?: 'drop';
}

export interface ForeignRule extends Omit<NftablesRule, 'matches' | 'statements'> {
  readonly matches: readonly ForeignMatch[];
  readonly statements: readonly ForeignStatement[];
  /** The line that it was read from; absent in our own rulesets. Hostile. */
  readonly text?: string;
}

export type ForeignMatch =
  | NftablesMatch
  | { readonly kind: 'local'; readonly field: 'saddr' | 'daddr'; readonly negated: true }
  /** Any of these, in the words of `ct state`. */
  | { readonly kind: 'ctStates'; readonly states: readonly string[]; readonly negated?: true }
  /** `mark & mask == value`. */
  | { readonly kind: 'mark'; readonly mask: number; readonly value: number; readonly negated?: true }
  /** Words without a model. They come last: all that can be told about a packet is asked before. */
  | Opaque;

export type ForeignStatement =
  | Statement
  /** The bits of `mask` are cleared, then `mark` is XORed in. */
  | { readonly kind: 'mark'; readonly mask: number; readonly mark: number }
  | Opaque;

/** Words that there is no model for: a packet that meets them has an unknown fate. Hostile. */
export interface Opaque {
  readonly kind: 'opaque';
  readonly words: string;
}

export interface ForeignSet extends Omit<NamedSet, 'groups'> {
  readonly groups: Chunked<ForeignGroup>;
  /** Elements that packets brought (`timeoutSeconds`), as they were when the table was listed. */
  readonly learned?: readonly ForeignElement[];
  /** Some of its elements were not understood: what it seems not to hold, it may hold. */
  readonly isPartial?: true;
}

export interface ForeignGroup extends Omit<ElementGroup, 'elements'> {
  readonly elements: readonly ForeignElement[];
}

export interface ForeignElement extends Omit<Element, 'value'> {
  readonly value?: ForeignValue;
}

/** `continue`: on to the next rule. */
export type ForeignValue = ElementValue | { readonly kind: 'accept' | 'return' | 'continue' };
