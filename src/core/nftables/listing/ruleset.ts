/**
 * An nftables table of any program: ours, kube-proxy's, or an edited one. Only parse.ts makes it. Our rulesets are of
 * this type too, so the tracer works with both.
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
  /** The verdict for packets without a verdict from a rule; absent if it is `accept`. */
  readonly policy?: 'drop';
}

/** If all matches hold, the statements run in order. */
export interface ForeignRule extends Omit<NftablesRule, 'matches' | 'statements'> {
  readonly matches: readonly ForeignMatch[];
  readonly statements: readonly ForeignStatement[];
  /** The line that it was read from; absent in our own rulesets. Hostile. */
  readonly text?: string;
}

/** A match that we use, or one that only other programs use. */
export type ForeignMatch =
  | NftablesMatch
  | { readonly kind: 'local'; readonly field: 'saddr' | 'daddr'; readonly negated: true }
  /** Any of these, in the words of `ct state`. */
  | { readonly kind: 'ctStates'; readonly states: readonly string[]; readonly negated?: true }
  /** `mark & mask == value`. */
  | { readonly kind: 'mark'; readonly mask: number; readonly value: number; readonly negated?: true }
  /** Unsupported words. They come last, after all supported matches. */
  | Opaque;

/** A statement that we use, or one that only other programs use. */
export type ForeignStatement =
  | Statement
  /** The bits of `mask` are cleared, then `mark` is XORed in. */
  | { readonly kind: 'mark'; readonly mask: number; readonly mark: number }
  | Opaque;

/** Unsupported words: the verdict for a packet that reaches them is unknown. Hostile. */
export interface Opaque {
  readonly kind: 'opaque';
  readonly words: string;
}

/** A named or anonymous set or map. */
export interface ForeignSet extends Omit<NamedSet, 'groups'> {
  readonly groups: Chunked<ForeignGroup>;
  /** Elements learned from packets (`timeoutSeconds`), at the time of the listing. */
  readonly learned?: readonly ForeignElement[];
  /** Some of its elements are unsupported, so it may contain more than this. */
  readonly isPartial?: true;
}

/** All elements of a parsed set are in one group without owner. */
export interface ForeignGroup extends Omit<ElementGroup, 'elements'> {
  readonly elements: readonly ForeignElement[];
}

/** No two elements of a set have the same key. */
export interface ForeignElement extends Omit<Element, 'value'> {
  readonly value?: ForeignValue;
}

/** `continue`: go to the next rule. */
export type ForeignValue = ElementValue | { readonly kind: 'accept' | 'return' | 'continue' };
