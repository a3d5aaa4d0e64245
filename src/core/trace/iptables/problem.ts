/** What a trace could not tell: a rule that may do more than the trace says, with the reason. */
import type { TableName } from '../../iptables/ruleset.ts';

/**
 * - `opaqueMatch`, `opaqueTarget`: rulewright has no model for these words.
 * - `unknownInterface`: which interface a packet leaves by, only the routing table knows.
 * - `missingChain`, `loop`, `misplacedTarget`: the kernel would have refused the ruleset.
 */
export type IptablesProblemKind =
  | 'opaqueMatch'
  | 'opaqueTarget'
  | 'unknownInterface'
  | 'missingChain'
  | 'loop'
  | 'misplacedTarget';

/** The trace went on as if this rule did not match. */
export interface IptablesProblem {
  readonly kind: IptablesProblemKind;
  readonly table: TableName;
  readonly chain: string;
  /** Index of the rule in its chain, from 0. */
  readonly rule: number;
  /** The words, the chain or the target in question. */
  readonly detail: string;
}

/** Collects problems, each rule once however many paths meet it. */
export interface ProblemLog {
  readonly report: (problem: IptablesProblem) => void;
  readonly problems: () => readonly IptablesProblem[];
}

export function problemLog(): ProblemLog {
  const found = new Map<string, IptablesProblem>();
  return {
    report: (problem) => found.set(`${problem.table} ${problem.chain} ${problem.rule}`, problem),
    problems: () => [...found.values()],
  };
}
