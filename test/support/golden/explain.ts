/** A folder of golden/explain/: a question in command.txt with all that it reads beside it, and the answers. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { findAnswer, findingsOf, formatAnswer } from '../../../src/cli/explain/answer.ts';
import { type ExplainSettings, readExplainFlags } from '../../../src/cli/explain/flags.ts';
import { explainText } from '../../../src/cli/explain/options.ts';
import { describeCommand } from '../../../src/cli/flags/describe.ts';
import type { GivenFlags } from '../../../src/cli/flags/table.ts';
import { diagnosticRenderer } from '../../../src/cli/output/render-diagnostics.ts';
import { sortFindings } from '../../../src/documents/finding.ts';

const folderOfAll = fileURLToPath(new URL('../../../golden/explain', import.meta.url));

/** What the command prints: to people, to programs, and on standard error. */
export type Printed = Readonly<Record<'output.txt' | 'output.json' | 'diagnostics.txt', string>>;

export function explainCases(): readonly string[] {
  return readdirSync(folderOfAll);
}

export function goalOf(name: string): string {
  return /^# goal: (.*)$/m.exec(commandOf(name))?.[1] ?? '';
}

function commandOf(name: string): string {
  return readFileSync(join(folderOfAll, name, 'command.txt'), 'utf8');
}

/** Runs the command as it stands in the case, but for the process around it. */
export async function runExplainCase(name: string): Promise<Printed> {
  const settings = settingsOf(name);
  const answered = await findAnswer(settings);
  if ('unreadable' in answered) throw new Error(`unreadable: ${JSON.stringify(answered.unreadable)}`);
  const shape = { isColored: false, width: 120 };
  const told = sortFindings(findingsOf(answered, settings)).filter(({ diagnostic }) => diagnostic.severity !== 'info');
  const json = formatAnswer(answered.answer, 'json', shape).replace(/"version":"[^"]*"/, '"version":"any"');
  return {
    'output.txt': formatAnswer(answered.answer, 'text', shape),
    'output.json': `${JSON.stringify(JSON.parse(json), null, 2)}\n`,
    'diagnostics.txt': told
      .map(diagnosticRenderer(false))
      .join('')
      .replaceAll(`${join(folderOfAll, name)}/`, ''),
  };
}

function settingsOf(name: string): ExplainSettings {
  const line = /^rulewright explain (.*)$/m.exec(commandOf(name))?.[1];
  if (line === undefined) throw new Error(`golden/explain/${name}/command.txt: no line \`rulewright explain …\``);
  let settings: ExplainSettings | undefined;
  describeCommand(new Command(), explainText)
    .exitOverride()
    .action((source: string, destination: string, flags: GivenFlags) => {
      const result = readExplainFlags(source, destination, flags);
      if ('errors' in result) throw new Error(result.errors.join('\n'));
      settings = result.settings;
    })
    .parse(line.split(' '), { from: 'user' });
  if (settings === undefined) throw new Error('commander did not run the command');
  const here = (path: string) => join(folderOfAll, name, path);
  const { compile, dump } = settings;
  return {
    ...settings,
    compile: { ...compile, paths: compile.paths.map(here) },
    dump: dump === undefined ? undefined : here(dump),
  };
}

export function acceptedOf(name: string): Printed {
  const read = (file: string) => {
    const path = join(folderOfAll, name, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  return {
    'output.txt': read('output.txt'),
    'output.json': read('output.json'),
    'diagnostics.txt': read('diagnostics.txt'),
  };
}

/** Empty texts have no file. */
export function acceptExplainCase(name: string, printed: Printed): void {
  for (const [file, text] of Object.entries(printed)) {
    if (text !== '') writeFileSync(join(folderOfAll, name, file), text);
  }
}
