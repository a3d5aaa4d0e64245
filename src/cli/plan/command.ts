/** `rulewright plan OLD NEW`: what a change means for people, before it is made. */
import process from 'node:process';
import { type Finding, sortFindings } from '../../documents/finding.ts';
import { execute } from '../execute.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { GivenFlags } from '../flags/table.ts';
import { formatJson } from '../output/json.ts';
import { wantsColor } from '../output/streams.ts';
import { type ForecastSettings, readForecastFlags } from './flags.ts';
import { forecastNodes, type NodesForecast } from './forecasts.ts';
import { fatalRisks } from './gate.ts';
import { readForecastInputs } from './inputs.ts';
import { formatForecastMarkdown } from './markdown.ts';
import { formatForecastText } from './text.ts';

/** Runs the command. Risks fail only where --fail-on says so. */
export function runForecast(inputs: readonly string[], given: GivenFlags): Promise<ExitCode> {
  return execute({
    command: 'plan',
    given,
    read: (config) => readForecastFlags(inputs, given, config),
    compileOf: (settings) => settings.compile,
    undone: 'nothing was compared',
    work: async (settings) => {
      const read = await readForecastInputs(settings);
      if ('unreadable' in read) return read;
      const forecasts = forecastNodes(read, settings);
      const findings = sortFindings(read.findings);
      const fatal = fatalRisks(forecasts, settings.failOn);
      return {
        output: format(forecasts, settings, findings),
        findings,
        fails: fatal.length > 0,
        lastWords: fatal.length > 0 ? `error: --fail-on: ${fatal.join(', ')}\n` : '',
      };
    },
  });
}

function format(forecasts: readonly NodesForecast[], settings: ForecastSettings, findings: readonly Finding[]): string {
  const { mode } = settings.compile.node;
  switch (settings.output) {
    case 'json':
      return formatJson('plan', { mode, nodes: forecasts }, findings);
    case 'markdown':
      return formatForecastMarkdown(forecasts);
    case 'text':
      return formatForecastText(forecasts, {
        isColored: wantsColor(settings.compile.color, process.stdout),
        width: process.stdout.isTTY ? process.stdout.columns : undefined,
      });
    default:
      return settings.output satisfies never;
  }
}
