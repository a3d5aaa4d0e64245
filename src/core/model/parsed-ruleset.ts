/** What comes of reading rules from text: all that makes sense, and what does not. */

export interface ParseProblem {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly problem: string;
}

export interface ParsedRuleset<Ruleset> {
  readonly ruleset: Ruleset;
  /** What is left out of the ruleset, lines and parts of lines, in their order. */
  readonly problems: readonly ParseProblem[];
}
