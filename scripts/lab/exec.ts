/** Runs one command to its end. */
import { execa } from 'execa';

/** On a working machine, hardly a command of the lab takes longer. */
const usualTimeoutMs = 30_000;

export class CommandFailed extends Error {
  readonly stderr: string;

  constructor(command: string, stderr: string) {
    super(`${command} failed: ${stderr}`);
    this.stderr = stderr;
  }
}

export interface RunOptions {
  readonly input?: string;
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/**
 * Gives standard output, byte for byte; throws CommandFailed. In a session of its own: Ctrl-C must not cut off a
 * command half-way.
 */
export async function run(
  command: string,
  args: readonly string[],
  { input = '', env = {}, timeoutMs = usualTimeoutMs }: RunOptions = {},
): Promise<string> {
  const how = { timeout: timeoutMs, detached: true, reject: false, stripFinalNewline: false } as const;
  const result = await execa(command, args, { input, env, ...how });
  if (!result.failed) return result.stdout;
  throw new CommandFailed([command, ...args].join(' '), `${result.stderr || result.shortMessage}`.trim());
}
