/** A process of `rulewright run` as a child of this one, with its log and its memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What the daemon logs when the kernel has all rules, see src/daemon/node/node.ts. */
export const programmedLine = 'Every Service is programmed';

/** What a namespace cannot have for itself stays as it is on this machine: nf_conntrack_max, oom_score_adj. */
export const machineFlags = ['--conntrack-max-per-core', '0', '--conntrack-min', '0', '--oom-score-adj', '0'] as const;

export interface RunningProgram {
  readonly pid: number;
  /** What it has logged so far; empty when it logs to a descriptor. */
  log(): string;
  /** Resolves with its exit code; null when it was killed. */
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Resident memory: now, or at its highest. */
  memoryMb(field: 'VmRSS' | 'VmHWM'): number;
}

export interface StartOptions {
  readonly command: readonly [string, ...string[]];
  /** Instead of this process' variables. */
  readonly env?: NodeJS.ProcessEnv;
  /** An open descriptor for its log; a pipe to this process when absent. */
  readonly log?: number | undefined;
}

export function startProgram({ command: [program, ...args], env = process.env, log }: StartOptions): RunningProgram {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', log ?? 'pipe'], env });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = once(child, 'exit').then(([code]: readonly (number | null)[]) => code ?? null);
  const { pid = 0 } = child;
  return {
    pid,
    log: () => text,
    ended,
    kill: async (signal) => {
      if (isRunning(child)) child.kill(signal);
      return await ended;
    },
    memoryMb: (field) => {
      const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      return Number(found?.[1]) / 1000;
    },
  };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
