/** `rulewright explain SRC DST`: what becomes of a packet, and why. */
import process from 'node:process';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { findAnswer, findingsOf, formatAnswer } from './explain-answer.ts';
import { type ExplainFlags, readExplainFlags } from './explain-flags.ts';
import { sortFindings } from './finding.ts';
import { wantsColor, write } from './output.ts';
import { widthOf } from './paint-lines.ts';
import { report, writeResult } from './report.ts';
import { describeCounts } from './summary.ts';

/** Runs the command. The exit code speaks of the question and the inputs, not of what becomes of the packet. */
export async function runExplain(source: string, destination: string, given: ExplainFlags): Promise<ExitCode> {
  const flags = readExplainFlags(source, destination, given);
  if ('errors' in flags) {
    await write(process.stderr, flags.errors.map((line) => `error: ${line}\n`).join(''));
    return exitCodes.usage;
  }
  const { settings } = flags;
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
