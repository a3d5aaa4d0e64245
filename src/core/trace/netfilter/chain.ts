/** The common parts of walks through chains of either backend: verdicts, jumps, policies, sequences of steps. */
import { type Flow, withStep } from './flow.ts';

/**
 * `translated`: an address was rewritten. `end`: no verdict; the chain ends after its last rule or by RETURN.
 */
export type ChainVerdict = 'accept' | 'translated' | 'drop' | 'reject' | 'end';

/** A share of packets, and the verdict of a chain, rule or statement on it. */
export interface FlowVerdict<Flow, Verdict = ChainVerdict> {
  readonly verdict: Verdict;
  readonly flow: Flow;
}

/** The verdict of a rule; `next`: continue with the next rule of the chain. */
export type RuleVerdict<Flow> = FlowVerdict<Flow, ChainVerdict | 'next'>;

/** The current chain, and the chain that the packet came from. */
export interface Nesting<Chain> {
  readonly chain: Chain;
  readonly from: Nesting<Chain> | undefined;
}

/** Whether a jump to the chain of this name would be a loop. */
export function isInside(name: string, nesting: Nesting<{ readonly name: string }>): boolean {
  for (let at: Nesting<{ readonly name: string }> | undefined = nesting; at !== undefined; at = at.from) {
    if (at.chain.name === name) return true;
  }
  return false;
}

/** At the end of a chain the kernel returns to the rule after the last jump; chains left by goto end too. */
export function comeBack<F>(kind: 'jump' | 'goto', results: readonly FlowVerdict<F>[]): readonly RuleVerdict<F>[] {
  if (kind === 'goto') return results;
  return results.map((result) => (result.verdict === 'end' ? { verdict: 'next', flow: result.flow } : result));
}

interface Turn<Step, F, Verdict, Onward> {
  readonly walk: (step: Step, index: number, flow: F) => readonly FlowVerdict<F, Verdict | Onward>[];
  /** The verdict that continues with the next step. */
  readonly onward: Onward;
  /** The verdict after the last step. */
  readonly left: Verdict;
  /** Applied before each next step: joins flows in the same state. */
  readonly join: (flows: readonly F[]) => readonly F[];
}

/** Runs rules or statements in sequence along all branches. Flows that ended at a step come first, in order. */
export function walkInTurn<Step, F, Verdict extends string, Onward extends string>(
  steps: readonly Step[],
  entering: F,
  { walk, onward, left, join }: Turn<Step, F, Verdict, Onward>,
): readonly FlowVerdict<F, Verdict>[] {
  const ended: FlowVerdict<F, Verdict>[] = [];
  let live: readonly F[] = [entering];
  for (let index = 0; index < steps.length && live.length > 0; index += 1) {
    const step = steps[index] as Step;
    const next: F[] = [];
    for (const flow of live) {
      for (const result of walk(step, index, flow)) {
        if (result.verdict === onward) next.push(result.flow);
        else ended.push(result as FlowVerdict<F, Verdict>);
      }
    }
    live = join(next);
  }
  for (const flow of live) ended.push({ verdict: left, flow });
  return ended;
}

/** Applies the drop policy of a base chain to packets without a verdict. */
export function dropAtEnd<Weight, Step>(
  results: readonly FlowVerdict<Flow<Weight, Step>>[],
  step: Step,
  recordSteps: boolean,
): readonly FlowVerdict<Flow<Weight, Step>>[] {
  return results.map((result) =>
    result.verdict === 'end'
      ? { verdict: 'drop', flow: recordSteps ? withStep(result.flow, step) : result.flow }
      : result,
  );
}
