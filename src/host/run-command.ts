/** The one way to run a program of this machine: without a shell, its output collected or handed on as it comes. */
import { constants, setPriority } from 'node:os';
import { execa } from 'execa';

/** How a command ended. Nothing that a machine can lack is an exception. */
export type CommandOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** No such program in PATH, or none that may be run. */
  | { readonly kind: 'missing' }
  /** By a signal, like the SIGSEGV of a crash, or because it took too long. */
  | { readonly kind: 'killed'; readonly why: string };

export interface RunOptions {
  /**
   * Standard input; empty when absent. With `onChunk` there is none: it stays open, and ends when this process does,
   * however that ends.
   */
  readonly input?: string;
  /** A program that takes longer is stopped. When absent: 30 s, and with `onChunk` no limit. */
  readonly timeoutMs?: number;
  /** Stops the program. */
  readonly signal?: AbortSignal;
  /**
   * Takes the output as it comes, in pieces of at most 64 KiB between which other work gets its turn. The outcome's
   * `stdout` is then empty.
   */
  readonly onChunk?: (chunk: Uint8Array) => void;
  /** Runs the program behind everything else on the machine. */
  readonly isBackground?: boolean;
}

/** Runs a program to its end. Never rejects. Tests run programs in another network namespace, or none at all. */
export type RunCommand = (command: string, args: readonly string[], options?: RunOptions) => Promise<CommandOutcome>;

/** Whether a program ended with exit code 0. */
export function isSuccess(outcome: CommandOutcome): boolean {
  return outcome.kind === 'exited' && outcome.exitCode === 0;
}

/** Why a program has no exit code, for people. */
export function describeAbsence(command: string, outcome: Exclude<CommandOutcome, { kind: 'exited' }>): string {
  return outcome.kind === 'missing' ? `there is no ${command} in PATH` : `${command} was stopped (${outcome.why})`;
}

/** Enough for all but the loads and listings of large clusters. */
const usualTimeoutMs = 30_000;

/** Characters; the listing of 30,000 Services has 50 million. */
const maxBuffer = 400_000_000;

export const runCommand: RunCommand = async (command, args, options = {}) => {
  const { input = '', signal: cancelSignal, onChunk, isBackground = false } = options;
  const timeoutMs = options.timeoutMs ?? (onChunk === undefined ? usualTimeoutMs : 0);
  const running = execa(command, args, {
    reject: false,
    // Messages are in English, whatever the locale.
    env: { LC_ALL: 'C' },
    maxBuffer,
    timeout: timeoutMs,
    ...(cancelSignal === undefined ? {} : { cancelSignal }),
    ...(onChunk === undefined ? { input } : { buffer: { stdout: false } }),
  });
  if (isBackground) lowerPriority(running.pid);
  if (onChunk !== undefined) {
    for await (const chunk of running.iterable({ from: 'stdout', binary: true })) onChunk(chunk);
  }
  const { exitCode, stdout = '', stderr, timedOut, signal, code } = await running;
  if (timedOut) return { kind: 'killed', why: `no answer after ${timeoutMs / 1000} s` };
  if (signal !== undefined) return { kind: 'killed', why: signal };
  if (exitCode === undefined) return { kind: 'missing' };
  // A program that ends before it has read its input gives EPIPE, and an exit code that says more.
  return { kind: 'exited', exitCode, stdout, stderr: stderr === '' && code !== undefined ? code : stderr };
};

/** For what takes longer: to take out the chains of a large cluster can take minutes. */
export const runSlowCommand: RunCommand = (command, args, options) =>
  runCommand(command, args, { timeoutMs: 600_000, ...options });

/** Without success the program runs like any other. */
function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}
