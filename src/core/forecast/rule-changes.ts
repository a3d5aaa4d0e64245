/** What a change costs the kernel: how much of the rules the transaction touches. */
import { createCompiler } from '../compiler.ts';
import type { IpFamily } from '../model/address.ts';
import type { ProxyMode } from '../model/config.ts';
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
  return families.map((family) => {
    const compiler = createCompiler(before.config, family);
    const next = after.config === before.config ? compiler : createCompiler(after.config, family);
    const old = compiler.compile(before.snapshot).rules;
    const wanted = next.compile(after.snapshot).rules;
    const { text, summary } = next.diff(old, wanted);
    return { mode: wanted.mode, family, summary, bytes: text.length };
  });
}
