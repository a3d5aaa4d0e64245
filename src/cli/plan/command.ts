/** `rulewright plan OLD NEW`: what a change means for people, before it is made. */
import process from 'node:process';
import { type Finding, sortFindings } from '../../documents/finding.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { readCommandLine } from '../inputs/command-line.ts';
import { report, writeResult } from '../output/report.ts';
import { wantsColor, write } from '../output/streams.ts';
import { describeCounts } from '../output/summary.ts';
import { programVersion } from '../version.ts';
import { type GivenPlanFlags, type PlanSettings, readPlanFlags } from './flags.ts';
import { forecastNodes, type NodesForecast } from './forecasts.ts';
import { fatalRisks } from './gate.ts';
import { readPlanInputs } from './inputs.ts';
import { formatPlanJson } from './json.ts';
import { formatPlanMarkdown } from './markdown.ts';
import { formatPlanText } from './text.ts';

/** Runs the command. Risks fail only where --fail-on says so. */
export async function runPlan(inputs: readonly string[], given: GivenPlanFlags): Promise<ExitCode> {
  const line = await readCommandLine({
    config: given.config,
    read: (config) => readPlanFlags(inputs, given, config),
    compileOf: (settings) => settings.compile,
    otherwise: 'nothing was compared',
  });
  if ('exitCode' in line) return line.exitCode;
  const { settings } = line;
  const read = await readPlanInputs(settings);
  if ('unreadable' in read) {
    return report(settings.compile, read.unreadable, (counts) => `${describeCounts(counts)}; nothing was compared`);
  }
  const forecasts = forecastNodes(read.nodes, settings);
  const findings = sortFindings(read.findings);
  const written = await writeResult(format(forecasts, settings, findings));
  const exitCode = await report(settings.compile, findings, describeCounts);
  const fatal = fatalRisks(forecasts, settings.failOn);
  if (fatal.length > 0) await write(process.stderr, `error: --fail-on: ${fatal.join(', ')}\n`);
  return written === 'written' && fatal.length === 0 ? exitCode : exitCodes.errors;
}

function format(forecasts: readonly NodesForecast[], settings: PlanSettings, findings: readonly Finding[]): string {
  const { mode } = settings.compile.node;
  switch (settings.output) {
    case 'json':
      return formatPlanJson({ version: programVersion(), mode, forecasts, findings });
    case 'markdown':
      return formatPlanMarkdown(forecasts);
    case 'text': {
      const isTerminal = Boolean(process.stdout.isTTY);
      return formatPlanText(forecasts, {
        isColored: wantsColor(settings.compile.color, isTerminal, process.env),
        width: isTerminal ? process.stdout.columns : undefined,
      });
    }
    default:
      return settings.output satisfies never;
  }
}
