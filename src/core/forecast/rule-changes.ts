/** What a change costs the kernel: how much of the rules the transaction touches. */
import { compile } from '../compiler.ts';
import type { IpFamily } from '../model/address.ts';
import type { ProxyMode } from '../model/config.ts';
import { diffRules } from '../rules.ts';
import type { ChangeCounts } from '../structures/named-difference.ts';
import type { Side } from './forecast.ts';

export interface RulesetChange {
  readonly mode: ProxyMode;
  readonly family: IpFamily;
  /** By kind of object: `chains`, `jumps` or `sets`, `chains`, `elements`. */
  readonly summary: Readonly<Record<string, ChangeCounts>>;
  /** Length of the transaction's text, which is ASCII; 0 where nothing is sent. */
  readonly bytes: number;
}

/** One for each family. Both sides have the same mode. */
export function ruleChanges(before: Side, after: Side, families: readonly IpFamily[]): readonly RulesetChange[] {
  const [old, now] = [before, after].map(({ snapshot, config }) => compile(snapshot, config, families).rules);
  return families.flatMap((family) => {
    const wanted = now?.[family];
    if (wanted === undefined) return [];
    const { text, summary } = diffRules(old?.[family], wanted);
    return [{ mode: wanted.mode, family, summary, bytes: text.length }];
  });
}
