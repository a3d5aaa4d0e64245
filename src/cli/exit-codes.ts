/** How the program ends. Shown by every `--help`. */
export const exitCodes = { clean: 0, errors: 1, usage: 2, bug: 70 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const usualUsage = 'an unknown flag, a value that is not valid, or a Node that is too old';

/** The list for --help: what 0 and 1 mean for a command, and what is wrong usage. */
export function exitCodeHelp(clean: string, errors: string, usage = usualUsage): string {
  return `Exit codes:
  0   ${clean}
  1   ${errors}
  2   wrong usage: ${usage}
  70  a bug in rulewright
`;
}

/** Of the program, and of the commands that make rules. */
export const usualExitCodes = exitCodeHelp(
  'clean: everything given is in the output',
  'an error was reported: an object was left out, or an input could not be read; with --strict, also a warning',
);
