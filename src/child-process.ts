/** Runs a program without a shell in a new process group, and ends it together with all that it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import process from 'node:process';
import { getSystemErrorMessage } from 'node:util';

/** How a command ended. Nothing that a machine can lack is an exception. */
export type CommandOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** No such program in PATH. */
  | { readonly kind: 'missing' }
  /** The machine could not start it: `EMFILE: too many open files`. */
  | { readonly kind: 'unstarted'; readonly why: string }
  /** By a signal, like the SIGSEGV of a crash, or because it took too long or said too much. */
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
  /** Takes the output as it comes, in pieces of at most 64 KiB. The outcome's `stdout` is then empty. */
  readonly onChunk?: (chunk: Uint8Array) => void;
  /** Runs the program behind everything else on the machine. */
  readonly isBackground?: boolean;
  /** Added to the environment of this process. When absent: messages are in English, whatever the locale. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. Never rejects. Tests run programs in another network namespace, or none at all. */
export type RunCommand = (command: string, args: readonly string[], options?: RunOptions) => Promise<CommandOutcome>;

/** Enough for all but the loads and listings of large clusters. */
const usualTimeoutMs = 30_000;

/** Bytes; the listing of 30,000 Services has 50 million. */
const longestOutput = 400_000_000;
/** Bytes of standard error that are kept: nft repeats the line that it complains about. */
const longestStderr = 8_000_000;

/** Between SIGTERM, SIGKILL, and not waiting any longer for the output of what cannot be killed. */
const patienceMs = 1000;
/** A program that has ended may leave children that keep its output open: so many seconds are waited for the rest. */
const drainSeconds = 5;

/** Groups that run now: they end with this process. */
const groups = new Set<number>();
process.on('exit', () => {
  for (const pid of groups) signalGroup(pid, 'SIGKILL');
});

/** Whatever the program and its children do, this resolves at the latest a few seconds after the time limit. */
export const runCommand: RunCommand = (command, args, options = {}) =>
  new Promise((resolve) => {
    if (options.signal?.aborted === true) return resolve({ kind: 'killed', why: 'SIGTERM' });
    try {
      const env = { ...process.env, ...(options.env ?? { LC_ALL: 'C' }) };
      follow(spawn(command, args, { detached: true, env }), options, resolve);
    } catch (error) {
      resolve(notStarted(error));
    }
  });

function notStarted(error: unknown): CommandOutcome {
  const { code = '', errno } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return { kind: 'missing' };
  return { kind: 'unstarted', why: errno === undefined ? String(error) : `${code}: ${getSystemErrorMessage(errno)}` };
}

function follow(child: ChildProcess, options: RunOptions, resolve: (outcome: CommandOutcome) => void): void {
  const { pid } = child;
  const { signal, onChunk } = options;
  const timeoutMs = options.timeoutMs ?? (onChunk === undefined ? usualTimeoutMs : 0);
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, action: () => void): void => void timers.add(setTimeout(action, ms));
  let stopped: string | undefined;
  const settle = (outcome: CommandOutcome): void => {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    child.unref();
    if (pid !== undefined) {
      signalGroup(pid, 'SIGKILL');
      groups.delete(pid);
    }
    resolve(stopped === undefined ? outcome : { kind: 'killed', why: stopped });
  };
  const stop = (why: string): void => {
    if (pid === undefined || stopped !== undefined) return;
    stopped = why;
    signalGroup(pid, 'SIGTERM');
    after(patienceMs, () => signalGroup(pid, 'SIGKILL'));
    after(2 * patienceMs, () => settle({ kind: 'killed', why }));
  };
  const abort = (): void => stop('SIGTERM');
  signal?.addEventListener('abort', abort);
  if (timeoutMs > 0) after(timeoutMs, () => stop(`no answer after ${timeoutMs / 1000} s`));
  if (pid !== undefined) groups.add(pid);
  if (options.isBackground === true) lowerPriority(pid);
  const output = collect(child, options, stop);
  child.once('error', (error) => settle(notStarted(error)));
  child.once('exit', (code, killedBy) => {
    const end = (): void => settle(killedBy === null ? exited(code ?? 0, output()) : { kind: 'killed', why: killedBy });
    child.once('close', end);
    // Seconds are counted one by one: those in which this process was busy with other things do not count.
    const wait = (seconds: number): void => after(1000, () => (seconds > 1 ? wait(seconds - 1) : end()));
    wait(drainSeconds);
  });
}

interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** A program that ends before it has read its input gives EPIPE, and an exit code that says more. */
  readonly inputProblem: string;
}

function exited(exitCode: number, { stdout, stderr, inputProblem }: Output): CommandOutcome {
  return { kind: 'exited', exitCode, stdout, stderr: stderr === '' ? inputProblem : stderr };
}

/** Gives the input and takes the output; what is returned tells what came so far. */
function collect(child: ChildProcess, { input = '', onChunk }: RunOptions, stop: (why: string) => void): () => Output {
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  let [outputBytes, errorBytes] = [0, 0];
  let inputProblem = '';
  child.stdin?.on('error', (error) => {
    inputProblem = 'code' in error ? String(error.code) : error.message;
  });
  if (onChunk === undefined) child.stdin?.end(input);
  child.stdout?.on('data', (chunk: Buffer) => {
    if (onChunk !== undefined) return onChunk(chunk);
    outputBytes += chunk.length;
    if (outputBytes <= longestOutput) stdout.push(chunk);
    else stop(`its output has more than ${longestOutput / 1_000_000} MB`);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errorBytes += chunk.length;
    if (errorBytes <= longestStderr) stderr.push(chunk);
  });
  return () => ({ stdout: textOf(stdout), stderr: textOf(stderr), inputProblem });
}

/** Without the last line end. */
function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8').replace(/\n$/, '');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended.
  }
}

/** Without success the program runs like any other. */
function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}
