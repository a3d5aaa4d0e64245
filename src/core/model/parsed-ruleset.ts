/** The result of reading rules from text: the rules that were understood, and the lines that were not. */

/** A line that was not understood, and why. */
export interface ParseProblem {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly problem: string;
}

/** Reading never throws: a line that is not understood becomes a problem, and the others are read. */
export interface ParsedRuleset<Ruleset> {
  readonly ruleset: Ruleset;
  /** Lines and parts of lines that are left out of the ruleset, in their order. */
  readonly problems: readonly ParseProblem[];
}
