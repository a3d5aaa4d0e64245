/** Runs a measurement in a process of its own, which ends when this one does. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface WorkerOptions {
  /** A file of this folder. */
  readonly script: string;
  readonly args: readonly string[];
  /** In a network namespace and a mount namespace of its own. They are gone with the last process in them. */
  readonly isolated?: boolean;
  readonly limitSeconds: number;
}

/** What the script prints, as JSON. Throws an Error with what it said when it fails or takes too long. */
export async function runWorker<T>({ script, args, isolated = false, limitSeconds }: WorkerOptions): Promise<T> {
  const command = [process.execPath, fileURLToPath(new URL(script, import.meta.url)), ...args];
  const [file, ...rest] = isolated ? ['unshare', '--net', '--mount', ...command] : command;
  if (file === undefined) throw new Error('nothing to run');
  let stoppedBy: NodeJS.Signals | 'time' | undefined;
  let killGroup = (): void => undefined;
  const stop = (reason: NodeJS.Signals | 'time'): void => {
    stoppedBy = reason;
    killGroup();
  };
  // Before there is a process that could be left behind.
  for (const name of endings) process.on(name, stop);
  // A process group of its own: all of it can be ended at once, whatever it is waiting for.
  const worker = spawn(file, rest, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  killGroup = () => {
    const isRunning = worker.exitCode === null && worker.signalCode === null;
    if (worker.pid !== undefined && isRunning) process.kill(-worker.pid, 'SIGKILL');
  };
  process.on('exit', killGroup);
  const timer = setTimeout(() => stop('time'), limitSeconds * 1_000);
  const output: Buffer[] = [];
  worker.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('close', resolve);
    });
    if (stoppedBy === 'time') throw new Error(`${script} ${args.join(' ')}: not done after ${limitSeconds} s`);
    if (stoppedBy !== undefined) process.exit(128 + constants.signals[stoppedBy]);
    if (status !== 0) throw new Error(`${script} ${args.join(' ')}: status ${status}`);
  } finally {
    clearTimeout(timer);
    for (const name of endings) process.off(name, stop);
    process.off('exit', killGroup);
  }
  return JSON.parse(Buffer.concat(output).toString());
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
