/** Rules of iptables that a trace could not follow. */
import type { TableName } from '../../iptables/ruleset.ts';
import type { RuleProblem } from '../netfilter/problem.ts';

/**
 * - `opaqueMatch`, `opaqueTarget`: rulewright has no model for this construct.
 * - `unknownInterface`: only the routing table knows the outgoing interface.
 * - `missingChain`, `loop`, `misplacedTarget`: the kernel would have refused the ruleset.
 */
export type IptablesProblemKind =
  | 'opaqueMatch'
  | 'opaqueTarget'
  | 'unknownInterface'
  | 'missingChain'
  | 'loop'
  | 'misplacedTarget';

export interface IptablesProblem extends RuleProblem<IptablesProblemKind> {
  readonly table: TableName;
}
