/** `rulewright explain SRC DST`: what happens to a packet, and why. */
import process from 'node:process';
import { sortFindings } from '../../documents/finding.ts';
import { execute } from '../execute.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { GivenFlags } from '../flags/table.ts';
import { widthOf } from '../output/paint.ts';
import { wantsColor } from '../output/streams.ts';
import { findAnswer, findingsOf, formatAnswer } from './answer.ts';
import { readExplainFlags } from './flags.ts';

/** Runs the command. The exit code is about the question and the inputs, not about what happens to the packet. */
export function runExplain(source: string, destination: string, given: GivenFlags): Promise<ExitCode> {
  return execute({
    command: 'explain',
    given,
    read: (config) => readExplainFlags(source, destination, given, config),
    compileOf: (settings) => settings.compile,
    undone: 'nothing was explained',
    work: async (settings) => {
      const answered = await findAnswer(settings);
      if ('unreadable' in answered) return answered;
      const shape = { isColored: wantsColor(settings.compile.color, process.stdout), width: widthOf(process.stdout) };
      const findings = sortFindings(findingsOf(answered, settings));
      return { output: formatAnswer(answered.answer, settings.output, shape, findings), findings };
    },
  });
}
