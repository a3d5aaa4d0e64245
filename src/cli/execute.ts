/** The steps of every command that compiles: read the flags and --config, do the work, write its result, report. */
import process from 'node:process';
import { lastText } from '../configuration/read-flags.ts';
import type { Finding } from '../documents/finding.ts';
import type { Source } from '../documents/source.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { FlagsRead } from './flags/reading.ts';
import type { CompileSettings } from './flags/settings.ts';
import { flagTexts, type GivenFlags } from './flags/table.ts';
import { readConfigFile } from './inputs/config-file.ts';
import { formatJson } from './output/json.ts';
import { report, writeResult } from './output/report.ts';
import { write } from './output/streams.ts';
import { describeCounts, type SeverityCounts } from './output/summary.ts';

export interface CommandSteps<Settings> {
  /** As the user types it. */
  readonly command: string;
  readonly given: GivenFlags;
  /** Reads the flags, and the file of --config beside them. */
  readonly read: (config: Source | undefined) => FlagsRead<Settings>;
  readonly compileOf: (settings: Settings) => CompileSettings;
  /** What did not happen when an input cannot be read: `nothing was compiled`. */
  readonly undone: string;
  readonly work: (settings: Settings) => Promise<CommandResult | { readonly unreadable: readonly Finding[] }>;
}

export interface CommandResult {
  /** For standard output. */
  readonly output: string;
  /** Sorted. */
  readonly findings: readonly Finding[];
  /** Else the counts of errors and warnings. */
  readonly summary?: (counts: SeverityCounts) => string;
  /** Whether the summary is shown even where nothing was found and standard error is not a terminal. */
  readonly isOdd?: boolean;
  /** The command fails, whatever was found. */
  readonly fails?: boolean;
  /** Lines for standard error, after the report. */
  readonly lastWords?: string;
}

/** Runs the steps; everything that a user can get wrong ends in a message and an exit code, not in an exception. */
export async function execute<Settings>(steps: CommandSteps<Settings>): Promise<ExitCode> {
  const { undone, command, given } = steps;
  const config = await readConfigFile(lastText(flagTexts(given), 'config'));
  const isUnreadable = config !== undefined && 'problem' in config;
  const flags = steps.read(isUnreadable ? undefined : config);
  if ('errors' in flags) return refuseUsage(flags.errors, command, given.output);
  const { settings } = flags;
  const compile = steps.compileOf(settings);
  const giveUp = async (findings: readonly Finding[]) => {
    if (given.output === 'json') await writeResult(formatJson(command, {}, findings));
    return report(compile, findings, (counts) => `${describeCounts(counts)}; ${undone}`);
  };
  const findings = isUnreadable ? [{ diagnostic: config }] : compile.findings;
  if (findings.some(({ diagnostic }) => diagnostic.severity === 'error')) return giveUp(findings);
  const result = await steps.work(settings);
  if ('unreadable' in result) return giveUp(result.unreadable);
  const { output, summary = describeCounts, isOdd = false, fails = false, lastWords = '' } = result;
  const written = await writeResult(output);
  const exitCode = await report(compile, result.findings, summary, isOdd);
  if (lastWords !== '') await write(process.stderr, lastWords);
  return written === 'failed' || fails ? exitCodes.errors : exitCode;
}

/** Shows usage errors, a line each; with `output` json as an object on standard output, too. */
export async function refuseUsage(errors: readonly string[], command: string, output?: string): Promise<ExitCode> {
  if (output === 'json')
    await writeResult(
      formatJson(
        command,
        {},
        errors.map((problem) => failure('usage', problem)),
      ),
    );
  await write(process.stderr, errors.map((line) => `error: ${line}\n`).join(''));
  return exitCodes.usage;
}

/** What has no object and no place: `usage` or `bug`. */
export function failure(code: 'usage' | 'bug', problem: string): Finding {
  const object = { kind: 'CommandLine', name: 'rulewright' };
  const remedy = code === 'usage' ? 'see rulewright help, or rulewright help COMMAND' : 'report it with the input';
  return { diagnostic: { severity: 'error', code, object, field: '', problem, remedy } };
}
