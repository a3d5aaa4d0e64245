/** Running the programs that change rules: nft, iptables, conntrack. */
import { type CommandOutcome, type RunCommand, type RunOptions, runCommand } from '../child-process.ts';

export { type CommandOutcome, type RunCommand, type RunOptions, runCommand };

/** Whether a program ended with exit code 0. */
export function isSuccess(outcome: CommandOutcome): boolean {
  return outcome.kind === 'exited' && outcome.exitCode === 0;
}

/** Why a program has no exit code, for people. */
export function describeAbsence(command: string, outcome: Exclude<CommandOutcome, { kind: 'exited' }>): string {
  switch (outcome.kind) {
    case 'missing':
      return `there is no ${command} in PATH`;
    case 'unstarted':
      return `${command} cannot be started (${outcome.why})`;
    case 'killed':
      return `${command} was stopped (${outcome.why})`;
    default:
      return outcome satisfies never;
  }
}

/** For what takes longer: to take out the chains of a large cluster can take minutes. */
export const runSlowCommand: RunCommand = (command, args, options) =>
  runCommand(command, args, { timeoutMs: 600_000, ...options });
