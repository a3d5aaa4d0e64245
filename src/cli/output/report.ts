/** How every command ends: findings, a summary, and the exit code. */
import process from 'node:process';
import type { Finding } from '../../documents/finding.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { CompileSettings } from '../flags/settings.ts';
import { diagnosticRenderer } from './render-diagnostics.ts';
import { wantsColor, write } from './streams.ts';
import { countSeverities, type SeverityCounts } from './summary.ts';

/** Shows the findings, and a summary on a terminal, after findings, or if the result `isOdd`. */
export async function report(
  settings: CompileSettings,
  findings: readonly Finding[],
  summary: (counts: SeverityCounts) => string,
  isOdd = false,
): Promise<ExitCode> {
  const render = diagnosticRenderer(wantsColor(settings.color, process.stderr));
  const shown = findings.filter(({ diagnostic }) => settings.verbose || diagnostic.severity !== 'info');
  const counts = countSeverities(findings);
  const hint = shown.length < findings.length ? ` (-v shows ${findings.length - shown.length} more)` : '';
  const lastLine = process.stderr.isTTY || isOdd || shown.length > 0 ? `${summary(counts)}${hint}\n` : '';
  await write(process.stderr, shown.map(render).join('') + lastLine);
  return counts.error > 0 || (settings.strict && counts.warning > 0) ? exitCodes.errors : exitCodes.clean;
}

/** Writes the result to standard output; a reader that went away is no failure worth a message. */
export async function writeResult(output: string): Promise<'written' | 'failed'> {
  const failure = await write(process.stdout, output);
  if (failure === undefined) return 'written';
  if (failure !== 'EPIPE') await write(process.stderr, `error: standard output: cannot be written (${failure})\n`);
  return 'failed';
}
