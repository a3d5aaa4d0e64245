import { execa } from 'execa';

/** Nothing that is run here takes longer on a working machine. */
const timeoutMs = 30_000;

export class CommandFailed extends Error {
  readonly stderr: string;

  constructor(command: string, stderr: string) {
    super(`${command} failed: ${stderr}`);
    this.stderr = stderr;
  }
}

interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Gives standard output. In a session of its own: Ctrl-C must not cut off a command half-way. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { input = '', env = {} } = options;
  const result = await execa(command, args, { input, env, timeout: timeoutMs, detached: true, reject: false });
  if (!result.failed) return result.stdout;
  const why = `${result.stderr || result.shortMessage}`;
  throw new CommandFailed([command, ...args].join(' '), why.trim());
}
