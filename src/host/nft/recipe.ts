/** Short ways to write the small rulesets of the probe. */
import type { Cidr, IpAddress } from '../../core/model/address.ts';
import type {
  Key,
  NamedSet,
  NftablesChain,
  NftablesHook,
  NftablesMatch,
  NftablesRule,
  Statement,
} from '../../core/nftables/ruleset.ts';

export interface Examples {
  readonly address: IpAddress;
  readonly block: Cidr;
}

export interface RecipeParts {
  readonly sets?: readonly NamedSet[];
  readonly chains: readonly NftablesChain[];
}

export interface Recipe {
  readonly name: string;
  readonly parts: (examples: Examples) => RecipeParts;
}

export const prerouting: NftablesHook = { type: 'nat', hook: 'prerouting', priority: -100 };
export const natOutput: NftablesHook = { type: 'nat', hook: 'output', priority: -100 };
export const postrouting: NftablesHook = { type: 'nat', hook: 'postrouting', priority: 100 };
export const input: NftablesHook = { type: 'filter', hook: 'input', priority: 0 };
export const forward: NftablesHook = { type: 'filter', hook: 'forward', priority: 0 };
export const output: NftablesHook = { type: 'filter', hook: 'output', priority: 0 };

export const frontend: Key = ['daddr', 'l4proto', 'dport'];
export const drop: Statement = { kind: 'drop' };
export const accept: Statement = { kind: 'accept' };
export const tcp: NftablesMatch = { kind: 'protocols', protocols: ['TCP'] };

export function inSet(key: Key, set: string): Extract<NftablesMatch, { kind: 'in' }> {
  return { kind: 'in', key, set };
}

export function rule(matches: readonly NftablesMatch[], ...statements: readonly Statement[]): NftablesRule {
  return { matches, statements };
}

export function base(name: string, hook: NftablesHook, rules: readonly NftablesRule[] = []): NftablesChain {
  return { name, hook, rules };
}
