/**
 * `rulewright diff OLD NEW`: the transaction that would take a node from the rules of one input to those of another.
 */
import { ipFamilies, type PerFamily, perFamily } from '../../core/model/address.ts';
import { diffRules, type RulesChange } from '../../core/rules.ts';
import { eachOnce, sortFindings } from '../../documents/finding.ts';
import { execute } from '../execute.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type CompileSettings, readCompileFlags } from '../flags/settings.ts';
import type { GivenFlags } from '../flags/table.ts';
import { type CompiledInputs, compileInputs } from '../inputs/compile.ts';
import { formatJson, jsonFamilies } from '../output/json.ts';
import { formatRules, loaders } from '../output/rules.ts';
import { describeCounts, describeSummary, type SeverityCounts } from '../output/summary.ts';
import { programVersion } from '../version.ts';

/** Runs the command. The exit code is about the inputs, not about whether they differ: 1 means errors, as always. */
export function runDiff(old: string, wanted: string, given: GivenFlags): Promise<ExitCode> {
  return execute({
    command: 'diff',
    given,
    read: (config) => readCompileFlags({ ...given, filename: [old, wanted] }, { inputs: 'OLD, NEW', config }),
    compileOf: (settings) => settings,
    undone: 'nothing was compared',
    work: async (settings) => {
      const [before, after] = [await compileInputs(settings, [old]), await compileInputs(settings, [wanted])];
      if ('unreadable' in before || 'unreadable' in after) {
        return { unreadable: [before, after].flatMap((each) => ('unreadable' in each ? each.unreadable : [])) };
      }
      return printDifference(settings, before, after);
    },
  });
}

function printDifference({ output, node }: CompileSettings, before: CompiledInputs, after: CompiledInputs) {
  const changes = diffAll(before, after);
  const findings = sortFindings(eachOnce([...before.findings, ...after.findings]));
  return {
    output:
      output === 'json'
        ? formatJson('diff', { families: jsonFamilies(changes, describeChange) }, findings)
        : formatChanges(programVersion(), node.mode, changes),
    findings,
    summary: (counts: SeverityCounts) =>
      [describeCounts(counts), describeChanges(changes)].filter((part) => part !== '').join('; '),
  };
}

function diffAll(before: CompiledInputs, after: CompiledInputs): PerFamily<RulesChange> {
  return perFamily((family) => {
    const wanted = after.compilation.rules[family];
    return wanted === undefined ? undefined : diffRules(before.compilation.rules[family], wanted);
  });
}

function describeChange({ applied, text, summary }: RulesChange): object {
  return { mode: applied.mode, summary, text };
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
