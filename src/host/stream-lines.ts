import { constants, setPriority } from 'node:os';
import { execa } from 'execa';
import type { CommandOutcome } from './run-command.ts';

export interface StreamedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

export type StreamLines = (command: StreamedCommand, onLine: (line: string) => void) => Promise<CommandOutcome>;

/**
 * Runs a program that can wait, behind everything else on the machine, and hands over its output line by line: however
 * long it is, little of it is in memory, and between pieces of 64 KiB others get their turn. The outcome's `stdout` is
 * empty.
 */
export const streamLines: StreamLines = async ({ command, args, timeoutMs, signal }, onLine) => {
  const running = execa(command, args, {
    stdin: 'ignore',
    timeout: timeoutMs,
    cancelSignal: signal,
    reject: false,
    buffer: { stdout: false },
    env: { LC_ALL: 'C' },
  });
  lowerPriority(running.pid);
  let rest = '';
  for await (const chunk of running.iterable({ from: 'stdout', binary: true })) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  }
  if (rest !== '') onLine(rest);
  const { exitCode, stderr, timedOut, isCanceled, signal: killedBy } = await running;
  if (timedOut) return { kind: 'killed', why: `no answer after ${timeoutMs / 1000} s` };
  if (isCanceled) return { kind: 'killed', why: 'it was not wanted any more' };
  if (killedBy !== undefined) return { kind: 'killed', why: killedBy };
  if (exitCode === undefined) return { kind: 'missing' };
  return { kind: 'exited', exitCode, stdout: '', stderr: String(stderr) };
};

/** Without success it runs like any other. */
function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}
