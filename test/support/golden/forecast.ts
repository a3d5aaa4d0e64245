/** A folder of golden/forecast/: two inputs, and what `rulewright plan` says of the step between them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { goldenFolder, readHeader } from '../../../scripts/lab/golden/case.ts';
import { describeCommand } from '../../../src/cli/flags/describe.ts';
import { formatJson } from '../../../src/cli/output/json.ts';
import { readForecastFlags } from '../../../src/cli/plan/flags.ts';
import { forecastNodes } from '../../../src/cli/plan/forecasts.ts';
import { readForecastInputs } from '../../../src/cli/plan/inputs.ts';
import { formatForecastMarkdown } from '../../../src/cli/plan/markdown.ts';
import { planText } from '../../../src/cli/plan/options.ts';
import { formatForecastText } from '../../../src/cli/plan/text.ts';

export interface GoldenForecast {
  readonly name: string;
  readonly goal: string;
  /** What is printed, by file name. */
  readonly made: Readonly<Record<string, string>>;
  readonly accepted: Readonly<Record<string, string | undefined>>;
}

const folder = join(goldenFolder, 'forecast');

/** The names of all cases. */
export function goldenForecasts(): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** Reads a case as the command does. Goal and flags stand in after.yaml. */
export async function readGoldenForecast(name: string): Promise<GoldenForecast> {
  const [before, after] = ['before.yaml', 'after.yaml'].map((file) => join(folder, name, file));
  if (before === undefined || after === undefined) throw new Error('an input is missing');
  const { goal, flags } = readHeader(readFileSync(after, 'utf8'));
  const command = describeCommand(new Command(), planText).exitOverride();
  command.parse([before, after, ...flags], { from: 'user' });
  const read = readForecastFlags(command.args, command.opts());
  if ('errors' in read) throw new Error(read.errors.join('\n'));
  const inputs = await readForecastInputs(read.settings);
  if ('unreadable' in inputs) throw new Error(JSON.stringify(inputs.unreadable));
  const forecasts = forecastNodes(inputs, read.settings);
  const { mode } = read.settings.compile.node;
  const json = formatJson('plan', { mode, nodes: forecasts }, []).replace(/"version":"[^"]*"/, '"version":"any"');
  const made = {
    'plan.txt': formatForecastText(forecasts, { isColored: false, width: undefined }),
    'plan.md': formatForecastMarkdown(forecasts),
    'plan.json': `${JSON.stringify(JSON.parse(json), undefined, 1)}\n`,
  };
  const accepted = Object.fromEntries(Object.keys(made).map((file) => [file, acceptedText(name, file)]));
  return { name, goal, made, accepted };
}

/** Makes what is made the accepted state of the folder. */
export function acceptGoldenForecast({ name, made }: GoldenForecast): void {
  for (const [file, text] of Object.entries(made)) writeFileSync(join(folder, name, file), text);
}

function acceptedText(name: string, file: string): string | undefined {
  const path = join(folder, name, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
