/**
 * `rulewright diff OLD NEW`: the transaction that would take a node from the rules of one input to those of another.
 */
import { ipFamilies, type PerFamily, perFamily } from '../../core/model/address.ts';
import { diffRules, type RulesChange } from '../../core/rules.ts';
import { eachOnce, sortFindings } from '../../documents/finding.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type GivenFlags, readFlags } from '../flags/settings.ts';
import { readCommandLine } from '../inputs/command-line.ts';
import { type CompiledInputs, compileInputs } from '../inputs/compile.ts';
import { formatChangesJson } from '../output/json.ts';
import { report, writeResult } from '../output/report.ts';
import { formatRules, loaders } from '../output/rules.ts';
import { describeCounts, describeSummary } from '../output/summary.ts';
import { programVersion } from '../version.ts';

/** Runs the command. The exit code speaks of the inputs, not of whether they differ: 1 is for errors, as everywhere. */
export async function runDiff(old: string, wanted: string, given: GivenFlags): Promise<ExitCode> {
  const read = await readCommandLine({
    config: given.config,
    read: (config) => readFlags({ ...given, filename: [old, wanted] }, { inputs: 'OLD, NEW', config }),
    compileOf: (settings) => settings,
    otherwise: 'nothing was compared',
  });
  if ('exitCode' in read) return read.exitCode;
  const { settings } = read;
  const [before, after] = [await compileInputs(settings, [old]), await compileInputs(settings, [wanted])];
  if ('unreadable' in before || 'unreadable' in after) {
    const unreadable = [before, after].flatMap((each) => ('unreadable' in each ? each.unreadable : []));
    return report(settings, unreadable, (counts) => `${describeCounts(counts)}; nothing was compared`);
  }
  const changes = diffAll(before, after);
  const findings = sortFindings(eachOnce([...before.findings, ...after.findings]));
  const version = programVersion();
  const output =
    settings.output === 'json'
      ? formatChangesJson({ version, changes, findings })
      : formatChanges(version, settings.node.mode, changes);
  const written = await writeResult(output);
  const exitCode = await report(settings, findings, (counts) =>
    [describeCounts(counts), describeChanges(changes)].filter((part) => part !== '').join('; '),
  );
  return written === 'written' ? exitCode : exitCodes.errors;
}

function diffAll(before: CompiledInputs, after: CompiledInputs): PerFamily<RulesChange> {
  return perFamily((family) => {
    const wanted = after.compilation.rules[family];
    return wanted === undefined ? undefined : diffRules(before.compilation.rules[family], wanted);
  });
}

/** Nothing at all where nothing changes. */
function formatChanges(version: string, mode: 'iptables' | 'nftables', changes: PerFamily<RulesChange>): string {
  const texts = perFamily((family) => changes[family]?.text || undefined);
  return formatRules(version, { texts, mode, loaders: loaders.change });
}

/** `IPv4: chains +1 ~2 -1, jumps 0` */
function describeChanges(changes: PerFamily<RulesChange>): string {
  const parts = ipFamilies.flatMap((family) => {
    const change = changes[family];
    if (change === undefined) return [];
    return [`${family}: ${change.text === '' ? 'nothing changes' : describeSummary(change.summary)}`];
  });
  return parts.join('; ');
}
