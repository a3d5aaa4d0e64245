/** `rulewright compile`: read, compile, print, report. */
import { perFamily } from '../../core/model/address.ts';
import { printRules } from '../../core/rules.ts';
import { sortFindings } from '../../documents/finding.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type GivenFlags, readFlags } from '../flags/settings.ts';
import { readCommandLine } from '../inputs/command-line.ts';
import { compileInputs } from '../inputs/compile.ts';
import { formatJson } from '../output/json.ts';
import { report, writeResult } from '../output/report.ts';
import { formatRules, loaders } from '../output/rules.ts';
import { describeCounts, type SeverityCounts, summarize } from '../output/summary.ts';
import { programVersion } from '../version.ts';

/** Runs the command; everything that a user can get wrong ends in a message and an exit code, not in an exception. */
export async function runCompile(given: GivenFlags): Promise<ExitCode> {
  const read = await readCommandLine({
    config: given.config,
    read: (config) => readFlags(given, { config }),
    compileOf: (settings) => settings,
    otherwise: 'nothing was compiled',
  });
  if ('exitCode' in read) return read.exitCode;
  const { settings } = read;
  const compiled = await compileInputs(settings, settings.paths);
  if ('unreadable' in compiled) {
    return report(settings, compiled.unreadable, (counts) => `${describeCounts(counts)}; nothing was compiled`);
  }
  const { manifests, compilation } = compiled;
  const findings = sortFindings(compiled.findings);
  const texts = perFamily((family) => {
    const rules = compilation.rules[family];
    return rules === undefined ? undefined : printRules(rules);
  });
  const version = programVersion();
  const output =
    settings.output === 'json'
      ? formatJson({ version, ...compilation, texts, findings })
      : formatRules(version, { texts, mode: settings.node.mode, loaders: loaders.whole });
  const written = await writeResult(output);
  // Most likely another file was meant.
  const isEmpty = !manifests.some(({ kind }) => kind === 'Service');
  const summary = (counts: SeverityCounts): string => summarize(counts, manifests, compilation.rules);
  const exitCode = await report(settings, findings, summary, isEmpty);
  return written === 'written' ? exitCode : exitCodes.errors;
}
