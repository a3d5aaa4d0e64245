/** Programs that behave as a test says, instead of those of this machine. */
import type { CommandOutcome, RunCommand } from '../../src/host/run-command.ts';

/** What a program says; it fails if there is anything on its standard error, or as it says. */
interface Said {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** `line` is the program and its arguments: `nft -f -`. */
export type Answer = (line: string, input: string) => Said | Exclude<CommandOutcome, { readonly kind: 'exited' }>;

export interface FakeCommands {
  readonly run: RunCommand;
  /** What was run, in its order. */
  readonly lines: readonly string[];
}

/** Programs that only run, and none that goes on. */
export function fakeCommands(answer: Answer): FakeCommands {
  const lines: string[] = [];
  const run: RunCommand = (command, args, { input = '', onChunk } = {}) => {
    if (onChunk !== undefined) return Promise.resolve({ kind: 'missing' });
    const line = [command, ...args].join(' ');
    lines.push(line);
    const outcome = answer(line, input);
    return Promise.resolve('kind' in outcome ? outcome : exited(outcome));
  };
  return { run, lines };
}

function exited({ stdout = '', stderr = '', exitCode = stderr === '' ? 0 : 1 }: Said): CommandOutcome {
  return { kind: 'exited', exitCode, stdout, stderr };
}
