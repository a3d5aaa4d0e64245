/** The compiler: a snapshot of the cluster and the settings of a node in, the rules of that node out. Pure. */
import type { Diagnostic } from './diagnostics.ts';
import { type IpFamily, ipFamilies, type PerFamily } from './model/address.ts';
import type { NodeConfig } from './model/config.ts';
import type { Plan } from './model/plan.ts';
import type { Snapshot } from './model/snapshot.ts';
import { planFamily } from './plan/plan.ts';
import { checkRules, lowerPlan, type Rules } from './rules.ts';

export interface Compilation {
  readonly plans: PerFamily<Plan>;
  readonly rules: PerFamily<Rules>;
  /** Each once, although both families may find the same. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles a snapshot for the given IP families. The same snapshot and config values give the same rules, byte for
 * byte; the same *identities* make it cheap: what did not change since an earlier call is not worked out again.
 *
 * Throws only when rulewright itself is wrong: unsound rules are never returned.
 */
export function compile(
  snapshot: Snapshot,
  config: NodeConfig,
  families: readonly IpFamily[] = ipFamilies,
): Compilation {
  const plans: { [family in IpFamily]?: Plan } = {};
  const rules: { [family in IpFamily]?: Rules } = {};
  const diagnostics = new Map<string, Diagnostic>();
  for (const family of families) {
    const planned = planFamily(snapshot, config, family);
    const lowered = lowerPlan(planned.plan, config);
    const [flaw] = checkRules(lowered);
    if (flaw !== undefined) throw new Error(`rulewright made unsound ${family} rules: ${flaw}`);
    plans[family] = planned.plan;
    rules[family] = lowered;
    for (const diagnostic of planned.diagnostics) diagnostics.set(JSON.stringify(diagnostic), diagnostic);
  }
  return { plans, rules, diagnostics: [...diagnostics.values()] };
}
