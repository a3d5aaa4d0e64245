/**
 * An nftables ruleset as values: one table, its chains, and the sets and maps that hold all that grows with the
 * cluster. Text is made only in print/ and read only in listing/.
 */
import type { Cidr, IpAddress, IpFamily } from '../model/address.ts';
import type { Protocol } from '../model/objects.ts';
import type { Chunked } from '../structures/chunked.ts';

/** The table of one family: `table ip rulewright` or `table ip6 rulewright`. */
export interface NftablesRuleset {
  readonly family: IpFamily;
  readonly sets: readonly NamedSet[];
  readonly chains: readonly NftablesChain[];
}

export interface NftablesChain {
  readonly name: string;
  /** Absent for chains that are only jumped to. */
  readonly hook?: NftablesHook;
  readonly rules: readonly NftablesRule[];
}

export interface NftablesHook {
  readonly type: 'filter' | 'nat';
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  /** Where among all chains of the hook, from low to high: destinations are rewritten at -100, sources at 100. */
  readonly priority: number;
}

/** All matches must hold; then the statements are carried out in their order. */
export interface NftablesRule {
  readonly matches: readonly NftablesMatch[];
  readonly statements: readonly Statement[];
  readonly comment?: string;
}

/** One part of a packet, or of a key made of several. */
export type KeyField =
  | 'saddr'
  | 'daddr'
  | 'l4proto'
  | 'dport'
  /** The destination that the connection had before it was rewritten (`ct original`). */
  | 'originalDaddr'
  | 'originalDport'
  /** A number from 0 to `modulus` - 1, all equally likely (`numgen random mod`). */
  | { readonly random: number };

export type Key = readonly KeyField[];

export type NftablesMatch =
  /** The fields are an element of the set. */
  | { readonly kind: 'in'; readonly key: Key; readonly set: string; readonly negated?: true }
  | { readonly kind: 'block'; readonly field: 'saddr' | 'daddr'; readonly block: Cidr; readonly negated?: true }
  | { readonly kind: 'protocols'; readonly protocols: readonly Protocol[]; readonly negated?: true }
  /** An address of this node (`fib … type local`). */
  | { readonly kind: 'local'; readonly field: 'saddr' | 'daddr' }
  /** A trailing `*` stands for any rest of the name. */
  | { readonly kind: 'inputInterface'; readonly name: string; readonly negated?: true }
  | { readonly kind: 'ctState'; readonly state: 'new' | 'invalid' }
  /** The destination of this connection was rewritten. */
  | { readonly kind: 'destinationRewritten'; readonly negated?: true }
  /** The bit of this number, 0 to 31, is set. */
  | { readonly kind: 'markBit'; readonly bit: number };

export type Statement =
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'accept' | 'drop' | 'return' }
  /** ICMP port unreachable. */
  | { readonly kind: 'reject' }
  /** The verdict that the map has for the fields; none, and on to the next rule, when it has none. */
  | { readonly kind: 'verdictMap'; readonly key: Key; readonly map: string }
  /** The same with its elements on the spot: verdicts for 0, 1, 2, … */
  | { readonly kind: 'chooseChain'; readonly chains: readonly string[] }
  /** The destination that the map has for the fields; on to the next rule when it has none. */
  | { readonly kind: 'dnatMap'; readonly key: Key; readonly map: string }
  | { readonly kind: 'dnat'; readonly address: IpAddress; readonly port: number }
  | { readonly kind: 'masquerade' }
  /** The bit of this number, 0 to 31. */
  | { readonly kind: 'setMarkBit' | 'clearMarkBit'; readonly bit: number }
  /** Remembers the source in a set, or renews its timeout. */
  | { readonly kind: 'remember'; readonly set: string };

/** What a field of an element is; the key of a set has several, concatenated. */
export type ElementType = 'address' | 'protocol' | 'port' | 'slot';

export interface NamedSet {
  readonly name: string;
  readonly key: readonly ElementType[];
  /** Makes it a map. `verdict`: what happens to the packet; `destination`: address and port. */
  readonly value?: 'verdict' | 'destination';
  /**
   * The protocol of the ports in a map of destinations. One map for all of them loads, but nft 1.0.6 refuses a rule
   * that is added to it later (`conflicting protocols specified: tcp vs. th`).
   */
  readonly protocol?: Protocol;
  /** Addresses may be blocks. */
  readonly isInterval?: true;
  /** Elements come with packets (`remember`) and are forgotten after this time; such a set has no elements of ours. */
  readonly timeoutSeconds?: number;
  /** A group that did not change keeps its identity from one compile to the next, and so does a chunk of such. */
  readonly groups: Chunked<ElementGroup>;
}

/** The elements that one owner, a service port or the node, has in a set. */
export interface ElementGroup {
  readonly owner: string;
  readonly elements: readonly Element[];
}

/** No two elements of a set have the same key, and no two blocks in one overlap. */
export interface Element {
  readonly key: readonly ElementPart[];
  readonly value?: ElementValue;
}

/** By the set's `key`: an address or block, a protocol, or a number for ports and slots. */
export type ElementPart = IpAddress | Cidr | Protocol | number;

export type ElementValue =
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'drop' }
  | { readonly kind: 'destination'; readonly address: IpAddress; readonly port: number };
