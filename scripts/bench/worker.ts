/** Runs a measurement in a separate process, which ends with this one. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface WorkerOptions {
  /** A file of this folder. */
  readonly script: string;
  readonly args: readonly string[];
  /** In a separate network namespace and mount namespace, which end with their last process. */
  readonly isolated?: boolean;
  readonly limitSeconds: number;
}

/** The JSON output of the script. Throws an Error with its messages if it fails or takes too long. */
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
  // Before the process starts, so that it cannot be left behind.
  for (const name of endings) process.on(name, stop);
  // A separate process group, which can be ended at once.
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
