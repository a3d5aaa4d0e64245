/** Programs run in a network namespace, as the daemon would run them if it were started in it. */

import type { Namespace } from '../../../scripts/lab/network/tools.ts';
import type { RunCommand } from '../../../src/host/run-command.ts';
import { runCommand } from '../../../src/host/run-command.ts';

/** `prefix` stands before each command, like `setpriv …`. */
export function commandsIn({ name, lockFile }: Namespace, prefix: readonly string[] = []): RunCommand {
  const words = ['netns', 'exec', name, 'env', `XTABLES_LOCKFILE=${lockFile}`, ...prefix];
  return async (command, args, options) => {
    const outcome = await runCommand('ip', [...words, command, ...args], options);
    // What `env` says of a program that is not there.
    return outcome.kind === 'exited' && outcome.exitCode === 127 ? { kind: 'missing' } : outcome;
  };
}
