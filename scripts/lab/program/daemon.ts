/** A daemon that outlives its parent: starts it, waits until all is programmed, and ends it by its folder. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { programmedLine } from './running.ts';

const startTimeoutMs = 20_000;
/** A transaction under way is finished first. */
const endTimeoutMs = 5_000;
const pollMs = 20;
const shownLogLines = 12;

export interface DaemonOptions {
  /** Program and arguments; one names something in the folder, by which `endDaemon` knows the process. */
  readonly command: readonly [string, ...string[]];
  /** For the log, the process id, and an xtables lock of its own. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Gives the process id once every Service is in the kernel. Whatever comes of it, `endDaemon` ends it. */
export async function startDaemon({ command, folder, signal }: DaemonOptions): Promise<number> {
  const [program, ...args] = command;
  const log = openSync(logFile(folder), 'a');
  const env = { ...process.env, XTABLES_LOCKFILE: lockFile(folder) };
  // In a session of its own: Ctrl-C on the terminal goes to the main process alone.
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', log], env, detached: true });
  closeSync(log);
  child.unref();
  let end: string | undefined;
  child.on('error', (error) => {
    end = error.message;
  });
  child.on('exit', (code, killedBy) => {
    end = `it ended (${code ?? killedBy})`;
  });
  const { pid = 0 } = child;
  writeFileSync(pidFile(folder), String(pid));
  const startedMs = performance.now();
  while (!readLog(folder).includes(programmedLine)) {
    signal.throwIfAborted();
    if (end === undefined && performance.now() - startedMs > startTimeoutMs) end = `not in ${startTimeoutMs / 1_000} s`;
    if (end !== undefined) throw new Error(`rulewright run did not program the Services: ${end}`);
    await delay(pollMs);
  }
  return pid;
}

/** Ends the daemon of this folder and waits until it is gone; its rules stay. Nothing where there is none. */
export async function endDaemon(folder: string): Promise<void> {
  const pid = Number(readIfThere(pidFile(folder)));
  if (!isDaemonOf(folder, pid)) return;
  process.kill(pid, 'SIGTERM');
  const askedMs = performance.now();
  let isKilled = false;
  while (isDaemonOf(folder, pid)) {
    if (!isKilled && performance.now() - askedMs > endTimeoutMs) {
      process.kill(pid, 'SIGKILL');
      isKilled = true;
    }
    await delay(pollMs);
  }
}

/** As an indented block below a sentence; nothing where there is no log. */
export function endOfLog(folder: string): string {
  const lines = readLog(folder).trimEnd().split('\n').slice(-shownLogLines);
  return lines.join('') === '' ? '' : ["\nThe end of the daemon's log:", ...lines].join('\n  ');
}

export function logFile(folder: string): string {
  return join(folder, 'daemon.log');
}

export function lockFile(folder: string): string {
  return join(folder, 'xtables.lock');
}

function pidFile(folder: string): string {
  return join(folder, 'daemon.pid');
}

function readLog(folder: string): string {
  return readIfThere(logFile(folder));
}

/** The kernel may have given the process id to another program by now. */
function isDaemonOf(folder: string, pid: number): boolean {
  return pid > 0 && readIfThere(`/proc/${pid}/cmdline`).includes(`${folder}/`);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
