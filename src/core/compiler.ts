/** The compiler: a snapshot of the cluster and the settings of a node in, the rules of that node out. */
import type { Diagnostic } from './diagnostics.ts';
import { type IpFamily, ipFamilies, type PerFamily, perFamily } from './model/address.ts';
import type { NodeConfig } from './model/config.ts';
import type { Plan } from './model/plan.ts';
import type { Snapshot } from './model/snapshot.ts';
import { emptyPlanMemory, type PlanMemory, planFamily } from './plan/plan.ts';
import {
  checkRules,
  diffRules,
  emptyRulesMemory,
  lowerPlan,
  type Rules,
  type RulesChange,
  type RulesMemory,
} from './rules.ts';

export interface FamilyCompilation {
  readonly plan: Plan;
  readonly rules: Rules;
  /** Each once. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Everything that a compiler remembers between calls. */
export interface CompilerMemory {
  readonly plan: PlanMemory;
  readonly rules: RulesMemory;
}

export function emptyCompilerMemory(): CompilerMemory {
  return { plan: emptyPlanMemory(), rules: emptyRulesMemory() };
}

/**
 * Compiles for one node and IP family. Whatever it has compiled before, it gives what a new compiler gives, byte for
 * byte; it only works out again what changed since its last call, which it tells by the identity of the objects.
 */
export interface Compiler {
  readonly memory: CompilerMemory;
  /** Throws only when rulewright itself is wrong: unsound rules are never returned. */
  compile(snapshot: Snapshot): FamilyCompilation;
  /** `diffRules` for rules of this compiler. */
  diff(last: Rules | undefined, wanted: Rules): RulesChange;
}

export function createCompiler(config: NodeConfig, family: IpFamily): Compiler {
  const memory = emptyCompilerMemory();
  return {
    memory,
    compile(snapshot) {
      const { plan, diagnostics } = planFamily(snapshot, config, family, memory.plan);
      const rules = lowerPlan(plan, config, memory.rules);
      const [flaw] = checkRules(rules, memory.rules);
      if (flaw !== undefined) throw new Error(`rulewright made unsound ${family} rules: ${flaw}`);
      return { plan, rules, diagnostics: eachOnce(diagnostics) };
    },
    diff: (last, wanted) => diffRules(last, wanted, memory.rules),
  };
}

export interface Compilation {
  readonly plans: PerFamily<Plan>;
  readonly rules: PerFamily<Rules>;
  /** Each once, although both families may find the same. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles one snapshot for the given IP families, with a new compiler for each. Pure. */
export function compile(
  snapshot: Snapshot,
  config: NodeConfig,
  families: readonly IpFamily[] = ipFamilies,
): Compilation {
  const compiled = perFamily((family) =>
    families.includes(family) ? createCompiler(config, family).compile(snapshot) : undefined,
  );
  return {
    plans: perFamily((family) => compiled[family]?.plan),
    rules: perFamily((family) => compiled[family]?.rules),
    diagnostics: eachOnce(Object.values(compiled).flatMap(({ diagnostics }) => diagnostics)),
  };
}

function eachOnce(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()];
}
