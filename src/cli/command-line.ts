/** What the commands that compile do first: read flags and the file of --config, and show what is wrong with them. */
import process from 'node:process';
import { readConfigFile } from './config-file.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type CompileSettings, type GivenFlags, readFlags } from './flags.ts';
import { write } from './output.ts';
import { report } from './report.ts';
import { describeCounts } from './summary.ts';

/** The settings, or how the command has ended. */
export async function readCommandLine(
  given: GivenFlags,
  inputs?: string,
): Promise<{ readonly settings: CompileSettings } | { readonly exitCode: ExitCode }> {
  const config = await readConfigFile(given.config);
  const isUnreadable = config !== undefined && 'problem' in config;
  const flags = readFlags(given, { ...(inputs === undefined ? {} : { inputs }), ...(isUnreadable ? {} : { config }) });
  if ('errors' in flags) {
    await write(process.stderr, flags.errors.map((line) => `error: ${line}\n`).join(''));
    return { exitCode: exitCodes.usage };
  }
  const { settings } = flags;
  const findings = isUnreadable ? [{ diagnostic: config }] : settings.findings;
  if (findings.every(({ diagnostic }) => diagnostic.severity !== 'error')) return { settings };
  return { exitCode: await report(settings, findings, (counts) => `${describeCounts(counts)}; nothing was compiled`) };
}
