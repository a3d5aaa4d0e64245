/** How the program ends. Shown by every `--help`. */
export const exitCodes = { clean: 0, errors: 1, usage: 2, bug: 70 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeHelp = `Exit codes:
  0   clean: everything given is in the output
  1   an error was reported: an object was left out, or an input could not be read; with --strict, also a warning
  2   wrong usage: an unknown flag, a value that is not valid, or a Node that is too old
  70  a bug in rulewright
`;
