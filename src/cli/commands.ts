/**
 * Every command. A new one is a folder beside this file, with its help in options.ts and its function in command.ts,
 * and a row here. Each function is loaded when it is called: that takes longer than most files take to compile.
 */
import { cleanupText } from './cleanup/options.ts';
import { compileText } from './compile/options.ts';
import { diffText } from './diff/options.ts';
import type { ExitCode } from './exit-codes.ts';
import { explainText } from './explain/options.ts';
import type { CommandText } from './flags/describe.ts';
import type { GivenFlags } from './flags/table.ts';
import { planText } from './plan/options.ts';
import { runText } from './run/options.ts';
import { verifyText } from './verify/options.ts';
import { versionText } from './version/options.ts';

interface CommandRow {
  readonly text: CommandText;
  readonly run: (given: GivenFlags, operands: readonly string[]) => Promise<ExitCode>;
}

/** By name, in the order of --help. */
export const commands: Readonly<Record<string, CommandRow>> = {
  compile: {
    text: compileText,
    run: async (given) => (await import('./compile/command.ts')).runCompile(given),
  },
  diff: {
    text: diffText,
    run: async (given, [old = '', wanted = '']) => (await import('./diff/command.ts')).runDiff(old, wanted, given),
  },
  plan: {
    text: planText,
    run: async (given, inputs) => (await import('./plan/command.ts')).runForecast(inputs, given),
  },
  cleanup: {
    text: cleanupText,
    run: async (given) => (await import('./cleanup/command.ts')).runCleanup(given),
  },
  run: {
    text: runText,
    run: async (given) => (await import('./run/command.ts')).runRun(given),
  },
  explain: {
    text: explainText,
    run: async (given, [source = '', destination = '']) =>
      (await import('./explain/command.ts')).runExplain(source, destination, given),
  },
  verify: {
    text: verifyText,
    run: async (given) => (await import('./verify/command.ts')).runVerify(given),
  },
  version: {
    text: versionText,
    run: async (given) => (await import('./version/command.ts')).runVersion(given),
  },
};
