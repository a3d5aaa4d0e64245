/** The compiler: a snapshot of the cluster and the settings of a node in, the rules of that node out. Pure. */
import type { Diagnostic } from './diagnostics.ts';
import { lower } from './iptables/lower.ts';
import type { Ruleset } from './iptables/ruleset.ts';
import { verifyRuleset } from './iptables/verify.ts';
import { type IpFamily, ipFamilies, type PerFamily } from './model/address.ts';
import type { NodeConfig } from './model/config.ts';
import type { Plan } from './model/plan.ts';
import type { Snapshot } from './model/snapshot.ts';
import { planFamily } from './plan/plan.ts';

export interface Compilation {
  readonly plans: PerFamily<Plan>;
  readonly rulesets: PerFamily<Ruleset>;
  /** Each once, although both families may find the same. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles a snapshot for the given IP families. The same snapshot and config values give the same rules, byte for
 * byte; the same *identities* make it cheap: what did not change since an earlier call is not worked out again.
 *
 * Throws only when rulewright itself is wrong: a ruleset that does not verify is never returned.
 */
export function compile(
  snapshot: Snapshot,
  config: NodeConfig,
  families: readonly IpFamily[] = ipFamilies,
): Compilation {
  const plans: { [family in IpFamily]?: Plan } = {};
  const rulesets: { [family in IpFamily]?: Ruleset } = {};
  const diagnostics = new Map<string, Diagnostic>();
  for (const family of families) {
    const planned = planFamily(snapshot, config, family);
    const ruleset = lower(planned.plan, config.layout);
    const [flaw] = verifyRuleset(ruleset);
    if (flaw !== undefined) throw new Error(`rulewright made an unsound ${family} ruleset: ${flaw}`);
    plans[family] = planned.plan;
    rulesets[family] = ruleset;
    for (const diagnostic of planned.diagnostics) diagnostics.set(JSON.stringify(diagnostic), diagnostic);
  }
  return { plans, rulesets, diagnostics: [...diagnostics.values()] };
}
