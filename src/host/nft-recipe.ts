/** Short ways to write the small rulesets of the probe. */
import type { Cidr, IpAddress } from '../core/model/address.ts';
import type { Chain, Hook, Key, Match, NamedSet, Rule, Statement } from '../core/nftables/ruleset.ts';

export interface Examples {
  readonly address: IpAddress;
  readonly block: Cidr;
}

export interface Parts {
  readonly sets?: readonly NamedSet[];
  readonly chains: readonly Chain[];
}

export interface Recipe {
  readonly name: string;
  readonly parts: (examples: Examples) => Parts;
}

export const prerouting: Hook = { type: 'nat', hook: 'prerouting', priority: -100 };
export const natOutput: Hook = { type: 'nat', hook: 'output', priority: -100 };
export const postrouting: Hook = { type: 'nat', hook: 'postrouting', priority: 100 };
export const input: Hook = { type: 'filter', hook: 'input', priority: 0 };
export const forward: Hook = { type: 'filter', hook: 'forward', priority: 0 };
export const output: Hook = { type: 'filter', hook: 'output', priority: 0 };

export const frontend: Key = ['daddr', 'l4proto', 'dport'];
export const drop: Statement = { kind: 'drop' };
export const accept: Statement = { kind: 'accept' };
export const tcp: Match = { kind: 'protocols', protocols: ['TCP'] };

export function inSet(key: Key, set: string): Extract<Match, { kind: 'in' }> {
  return { kind: 'in', key, set };
}

export function rule(matches: readonly Match[], ...statements: readonly Statement[]): Rule {
  return { matches, statements };
}

export function base(name: string, hook: Hook, rules: readonly Rule[] = []): Chain {
  return { name, hook, rules };
}
