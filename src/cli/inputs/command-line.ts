/** What the commands that compile do first: read flags and the file of --config, and show what is wrong with them. */
import process from 'node:process';
import type { Source } from '../../documents/source.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { CompileSettings } from '../flags/settings.ts';
import { report } from '../output/report.ts';
import { write } from '../output/streams.ts';
import { describeCounts } from '../output/summary.ts';
import { readConfigFile } from './config-file.ts';

export interface CommandLine<S> {
  /** The path of --config. */
  readonly config: string | undefined;
  /** Reads the flags, and the file beside them. The errors are lines for the user. */
  readonly read: (config: Source | undefined) => { readonly settings: S } | { readonly errors: readonly string[] };
  readonly compileOf: (settings: S) => CompileSettings;
  /** What was not done then: `nothing was compiled`. */
  readonly otherwise: string;
}

/** The settings, or how the command has ended. */
export async function readCommandLine<S>(
  line: CommandLine<S>,
): Promise<{ readonly settings: S } | { readonly exitCode: ExitCode }> {
  const config = await readConfigFile(line.config);
  const isUnreadable = config !== undefined && 'problem' in config;
  const flags = line.read(isUnreadable ? undefined : config);
  if ('errors' in flags) {
    await write(process.stderr, flags.errors.map((text) => `error: ${text}\n`).join(''));
    return { exitCode: exitCodes.usage };
  }
  const { settings } = flags;
  const compile = line.compileOf(settings);
  const findings = isUnreadable ? [{ diagnostic: config }] : compile.findings;
  if (findings.every(({ diagnostic }) => diagnostic.severity !== 'error')) return { settings };
  return { exitCode: await report(compile, findings, (counts) => `${describeCounts(counts)}; ${line.otherwise}`) };
}
