/** Programs run in a network namespace, as the daemon would run them if it were started in it. */

import type { Namespace } from '../../../scripts/lab/network/tools.ts';
import { type Commands, runCommand, streamCommand } from '../../../src/host/run-command.ts';

/** `prefix` stands before each command, like `setpriv …`. */
export function commandsIn({ name, lockFile }: Namespace, prefix: readonly string[] = []): Commands {
  const words = ['netns', 'exec', name, 'env', `XTABLES_LOCKFILE=${lockFile}`, ...prefix];
  return {
    run: async (command, args, input, limits) => {
      const outcome = await runCommand('ip', [...words, command, ...args], input, limits);
      // What `env` says of a program that is not there.
      return outcome.kind === 'exited' && outcome.exitCode === 127 ? { kind: 'missing' } : outcome;
    },
    stream: (command, args, options) => streamCommand('ip', [...words, command, ...args], options),
  };
}
