/** `rulewright compile`: read, compile, print, report. */
import type { Compilation } from '../../core/compiler.ts';
import { type PerFamily, perFamily } from '../../core/model/address.ts';
import { printRules } from '../../core/rules.ts';
import { sortFindings } from '../../documents/finding.ts';
import { type CommandResult, execute } from '../execute.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type CompileSettings, readCompileFlags } from '../flags/settings.ts';
import type { GivenFlags } from '../flags/table.ts';
import { type CompiledInputs, compileInputs } from '../inputs/compile.ts';
import { formatJson, jsonFamilies } from '../output/json.ts';
import { formatRules, loaders } from '../output/rules.ts';
import { summarize } from '../output/summary.ts';
import { programVersion } from '../version.ts';

/** Runs the command. */
export function runCompile(given: GivenFlags): Promise<ExitCode> {
  return execute({
    command: 'compile',
    given,
    read: (config) => readCompileFlags(given, { config }),
    compileOf: (settings) => settings,
    undone: 'nothing was compiled',
    work: async (settings) => {
      const compiled = await compileInputs(settings, settings.paths);
      return 'unreadable' in compiled ? compiled : printCompiled(settings, compiled);
    },
  });
}

function printCompiled({ output, node }: CompileSettings, compiled: CompiledInputs): CommandResult {
  const { manifests, compilation } = compiled;
  const findings = sortFindings(compiled.findings);
  const texts = perFamily((family) => {
    const rules = compilation.rules[family];
    return rules === undefined ? undefined : printRules(rules);
  });
  return {
    output:
      output === 'json'
        ? formatJson('compile', { families: describeFamilies(compilation, texts) }, findings)
        : formatRules(programVersion(), { texts, mode: node.mode, loaders: loaders.whole }),
    findings,
    summary: (counts) => summarize(counts, manifests, compilation.rules),
    // Most likely another file was meant.
    isOdd: !manifests.some(({ kind }) => kind === 'Service'),
  };
}

function describeFamilies({ plans, rules }: Compilation, texts: PerFamily<string>): object {
  return jsonFamilies(rules, (ofFamily, family) => ({ plan: plans[family], ...ofFamily, text: texts[family] }));
}
