/** `rulewright explain SRC DST`: what becomes of a packet, and why. */
import process from 'node:process';
import { sortFindings } from '../../documents/finding.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { readCommandLine } from '../inputs/command-line.ts';
import { widthOf } from '../output/paint-lines.ts';
import { report, writeResult } from '../output/report.ts';
import { wantsColor } from '../output/streams.ts';
import { describeCounts } from '../output/summary.ts';
import { findAnswer, findingsOf, formatAnswer } from './answer.ts';
import { type ExplainFlags, readExplainFlags } from './flags.ts';

/** Runs the command. The exit code speaks of the question and the inputs, not of what becomes of the packet. */
export async function runExplain(source: string, destination: string, given: ExplainFlags): Promise<ExitCode> {
  const line = await readCommandLine({
    config: given.config,
    read: (config) => readExplainFlags(source, destination, given, config),
    compileOf: (settings) => settings.compile,
    otherwise: 'nothing was explained',
  });
  if ('exitCode' in line) return line.exitCode;
  const { settings } = line;
  const answered = await findAnswer(settings);
  if ('unreadable' in answered) {
    return report(
      settings.compile,
      answered.unreadable,
      (counts) => `${describeCounts(counts)}; nothing was explained`,
    );
  }
  const isColored = wantsColor(settings.compile.color, Boolean(process.stdout.isTTY), process.env);
  const shape = { isColored, width: widthOf(process.stdout) };
  const written = await writeResult(formatAnswer(answered.answer, settings.output, shape));
  const exitCode = await report(settings.compile, sortFindings(findingsOf(answered, settings)), describeCounts);
  return written === 'written' ? exitCode : exitCodes.errors;
}
