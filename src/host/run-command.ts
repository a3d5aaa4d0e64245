import { execa } from 'execa';

/** How a command ended. Nothing that a machine can lack is an exception. */
export type CommandOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** No such program in PATH, or none that may be run. */
  | { readonly kind: 'missing' }
  /** By a signal, like the SIGSEGV of a crash, or because it took too long. */
  | { readonly kind: 'killed'; readonly why: string };

export type RunCommand = (command: string, args: readonly string[], input?: string) => Promise<CommandOutcome>;

/** nft answers within a second even for the largest clusters; whoever takes this long hangs. */
export const runCommand = runnerWithin(30_000);

/** For what takes longer: to take out the chains of a large cluster can take minutes. */
export const runSlowCommand = runnerWithin(600_000);

/** Runs a program of this machine, without a shell. Messages are in English, whatever the locale. */
function runnerWithin(timeoutMs: number): RunCommand {
  return async (command, args, input = '') => {
    const options = { input, timeout: timeoutMs, reject: false, env: { LC_ALL: 'C' } } as const;
    const { exitCode, stdout, stderr, timedOut, signal, code } = await execa(command, args, options);
    if (timedOut) return { kind: 'killed', why: `no answer after ${timeoutMs / 1000} s` };
    if (signal !== undefined) return { kind: 'killed', why: signal };
    // A program that ends before it has read its input gives EPIPE, and an exit code that says more.
    if (exitCode === undefined) return { kind: 'missing' };
    return { kind: 'exited', exitCode, stdout, stderr: stderr === '' && code !== undefined ? code : stderr };
  };
}
