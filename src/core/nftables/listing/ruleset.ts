/**
 * An nftables table of any program: ours, kube-proxy's, or one that was edited by hand. Only parse.ts makes it. Each of
 * our own rulesets is one of these too, so code that traces packets through these traces them through ours.
 *
 * Anonymous sets and maps (`ip saddr { … }`, `numgen random mod 3 map { … }`) get the names that the kernel gives them:
 * `__set0`, `__map1`.
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

/** A chain, with the hook of a base chain. */
export interface ForeignChain {
  readonly name: string;
  readonly hook?: ForeignHook;
  readonly rules: readonly ForeignRule[];
}

/** A hook, with the policy of its chain. */
export interface ForeignHook extends NftablesHook {
  /** The verdict for packets that no rule decides; absent where it is `accept`. */
  readonly policy?: 'drop';
}

/** All matches must hold; then the statements are carried out in their order. */
export interface ForeignRule extends Omit<NftablesRule, 'matches' | 'statements'> {
  readonly matches: readonly ForeignMatch[];
  readonly statements: readonly ForeignStatement[];
  /** The line that it was read from; absent in our own rulesets. Hostile. */
  readonly text?: string;
}

/** A match of ours, or one that only others use. */
export type ForeignMatch =
  | NftablesMatch
  | { readonly kind: 'local'; readonly field: 'saddr' | 'daddr'; readonly negated: true }
  /** Any of these, in the words of `ct state`. */
  | { readonly kind: 'ctStates'; readonly states: readonly string[]; readonly negated?: true }
  /** `mark & mask == value`. */
  | { readonly kind: 'mark'; readonly mask: number; readonly value: number; readonly negated?: true }
  /** Words without a model. They come last, after all matches that were understood. */
  | Opaque;

/** A statement of ours, or one that only others use. */
export type ForeignStatement =
  | Statement
  /** The bits of `mask` are cleared, then `mark` is XORed in. */
  | { readonly kind: 'mark'; readonly mask: number; readonly mark: number }
  | Opaque;

/** Words without a model: the verdict for a packet that reaches them is unknown. Hostile. */
export interface Opaque {
  readonly kind: 'opaque';
  readonly words: string;
}

/** A named or anonymous set or map. */
export interface ForeignSet extends Omit<NamedSet, 'groups'> {
  readonly groups: Chunked<ForeignGroup>;
  /** Elements learned from packets (`timeoutSeconds`), as they were when the table was listed. */
  readonly learned?: readonly ForeignElement[];
  /** Some of its elements were not understood, so it may hold more than is here. */
  readonly isPartial?: true;
}

/** All elements of a set that was read are in one group without owner. */
export interface ForeignGroup extends Omit<ElementGroup, 'elements'> {
  readonly elements: readonly ForeignElement[];
}

/** No two elements of a set have the same key. */
export interface ForeignElement extends Omit<Element, 'value'> {
  readonly value?: ForeignValue;
}

/** `continue`: on to the next rule. */
export type ForeignValue = ElementValue | { readonly kind: 'accept' | 'return' | 'continue' };
