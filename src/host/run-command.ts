import { execa, type Options } from 'execa';

/** How a command ended. Nothing that a machine can lack is an exception. */
export type CommandOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** No such program in PATH, or none that may be run. */
  | { readonly kind: 'missing' }
  /** By a signal, like the SIGSEGV of a crash, or because it took too long. */
  | { readonly kind: 'killed'; readonly why: string };

export interface RunLimits {
  /** Whoever takes longer hangs, and is stopped. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  input?: string,
  limits?: RunLimits,
) => Promise<CommandOutcome>;

export interface StreamOptions {
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Stops the program. */
  readonly signal: AbortSignal;
}

/**
 * Runs a program that goes on for as long as it may, and hands on what it prints. Its standard input ends when this
 * process does, however that ends.
 */
export type StreamCommand = (
  command: string,
  args: readonly string[],
  options: StreamOptions,
) => Promise<CommandOutcome>;

/** How the programs of this machine are run; tests run them in another network namespace. */
export interface Commands {
  readonly run: RunCommand;
  readonly stream: StreamCommand;
}

/** Enough for all but the loads and listings of large clusters. */
const usualTimeoutMs = 30_000;

/** Characters; the listing of 30,000 Services has 50 million. */
const maxBuffer = 400_000_000;

/** Messages are in English, whatever the locale. */
const common = { reject: false, env: { LC_ALL: 'C' }, maxBuffer } as const satisfies Options;

/** Runs a program of this machine, without a shell. */
export const runCommand: RunCommand = async (command, args, input = '', { timeoutMs = usualTimeoutMs } = {}) => {
  const { exitCode, stdout, stderr, timedOut, signal, code } = await execa(command, args, {
    ...common,
    input,
    timeout: timeoutMs,
  });
  if (timedOut) return { kind: 'killed', why: `no answer after ${timeoutMs / 1000} s` };
  if (signal !== undefined) return { kind: 'killed', why: signal };
  // A program that ends before it has read its input gives EPIPE, and an exit code that says more.
  if (exitCode === undefined) return { kind: 'missing' };
  return { kind: 'exited', exitCode, stdout, stderr: stderr === '' && code !== undefined ? code : stderr };
};

/** Streams what a program of this machine prints. The outcome has its standard error only. */
export const streamCommand: StreamCommand = async (command, args, { onChunk, signal: cancelSignal }) => {
  const buffer = { stdout: false, stderr: true } as const;
  const running = execa(command, args, { ...common, buffer, encoding: 'buffer', cancelSignal });
  running.stdout.on('data', onChunk);
  const { exitCode, stderr, signal } = await running;
  if (signal !== undefined) return { kind: 'killed', why: signal };
  if (exitCode === undefined) return { kind: 'missing' };
  return { kind: 'exited', exitCode, stdout: '', stderr: Buffer.from(stderr).toString() };
};

export const systemCommands: Commands = { run: runCommand, stream: streamCommand };

/** For what takes longer: to take out the chains of a large cluster can take minutes. */
export const runSlowCommand: RunCommand = (command, args, input) =>
  runCommand(command, args, input, { timeoutMs: 600_000 });
