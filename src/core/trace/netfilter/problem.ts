/** A rule that the trace could not model exactly, with the reason. */

/** The trace continued with the next rule, as if this one did not match. */
export interface RuleProblem<Kind extends string> {
  readonly kind: Kind;
  readonly chain: string;
  /** Index of the rule in its chain, from 0. */
  readonly rule: number;
  /** The chain, set, target or expression. */
  readonly detail: string;
}

/** Collects problems, each once even if many paths lead to it. */
export interface ProblemLog<Problem> {
  readonly report: (problem: Problem) => void;
  readonly problems: () => readonly Problem[];
}

/** Problems with the same key are one; the last one reported counts. */
export function problemLog<Problem>(keyOf: (problem: Problem) => string): ProblemLog<Problem> {
  const found = new Map<string, Problem>();
  return {
    report: (problem) => found.set(keyOf(problem), problem),
    problems: () => [...found.values()],
  };
}
