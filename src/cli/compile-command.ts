/** `rulewright compile`: read, compile, print, report. */
import { hostname } from 'node:os';
import process from 'node:process';
import { compile } from '../core/compile.ts';
import type { Diagnostic } from '../core/diagnostics.ts';
import { printRuleset } from '../core/iptables/print.ts';
import type { Ruleset } from '../core/iptables/ruleset.ts';
import { type IpFamily, ipFamilies, type PerFamily } from '../core/model/address.ts';
import type { Manifest } from '../core/model/objects.ts';
import { emptySnapshot, reduce } from '../core/snapshot/snapshot.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Finding, sortFindings } from './finding.ts';
import { type CompileSettings, type GivenFlags, readFlags } from './flags.ts';
import { formatJson } from './json-output.ts';
import { type LoadedObjects, loadObjects } from './load-objects.ts';
import { withPlaces } from './object-index.ts';
import { wantsColor, write } from './output.ts';
import { readInputs } from './read-inputs.ts';
import { diagnosticRenderer } from './render-diagnostics.ts';
import { formatRules } from './rules-output.ts';
import { countSeverities, describeCounts, summarize } from './summary.ts';
import { findThisNode } from './this-node.ts';
import { programVersion } from './version.ts';

/** Runs the command; everything that a user can get wrong ends in a message and an exit code, not in an exception. */
export async function runCompile(given: GivenFlags): Promise<ExitCode> {
  const flags = readFlags(given);
  if ('errors' in flags) {
    await write(process.stderr, flags.errors.map((line) => `error: ${line}\n`).join(''));
    return exitCodes.usage;
  }
  const { settings } = flags;
  const { sources, unreadable } = await readInputs(settings.paths, settings.recursive);
  if (unreadable.length > 0) {
    const findings = unreadable.map((diagnostic) => ({ diagnostic }));
    return refuseInput(settings, findings);
  }
  const loaded = await loadObjects(sources);
  if (loaded.documents.length === 0) return refuseInput(settings, loaded.findings);
  return compileObjects(settings, loaded);
}

/** Rules without the objects of a whole input would load well, and cut off their Services. */
function refuseInput(settings: CompileSettings, findings: readonly Finding[]): Promise<ExitCode> {
  return report(settings, findings, (counts) => `${describeCounts(counts)}; nothing was compiled`);
}

async function compileObjects(settings: CompileSettings, loaded: LoadedObjects): Promise<ExitCode> {
  const { config, node, diagnostics } = findThisNode(settings, loaded.manifests, hostname());
  const manifests: readonly Manifest[] =
    node === undefined ? loaded.manifests : [...loaded.manifests, { kind: 'Node', object: node }];
  const snapshot = reduce(
    emptySnapshot,
    manifests.map((manifest) => ({ type: 'set', manifest })),
  );
  const { plans, rulesets, diagnostics: planned } = compile(snapshot, config, settings.families);
  const unplaced = [...settings.diagnostics, ...diagnostics, ...familyLeftOut(settings, manifests), ...planned];
  const findings = sortFindings(
    withPlaces([...loaded.findings, ...unplaced.map((diagnostic) => ({ diagnostic }))], loaded.documents),
  );
  const texts = printAll(rulesets);
  const version = programVersion();
  const output =
    settings.output === 'json'
      ? formatJson({ version, plans, rulesets, texts, findings })
      : formatRules(version, texts);
  const failure = await write(process.stdout, output);
  const exitCode = await report(settings, findings, (counts) => summarize(counts, loaded.manifests, rulesets));
  if (failure === undefined) return exitCode;
  if (failure !== 'EPIPE') await write(process.stderr, `error: standard output: cannot be written (${failure})\n`);
  return exitCodes.errors;
}

function printAll(rulesets: PerFamily<Ruleset>): PerFamily<string> {
  const texts: { [family in IpFamily]?: string } = {};
  for (const family of ipFamilies) {
    const ruleset = rulesets[family];
    if (ruleset !== undefined) texts[family] = printRuleset(ruleset);
  }
  return texts;
}

/** Without --ip-family the rules are IPv4's alone; Services that need others are not to be forgotten in silence. */
function familyLeftOut(settings: CompileSettings, manifests: readonly Manifest[]): readonly Diagnostic[] {
  if (settings.familiesChosen) return [];
  const count = manifests.filter(
    (manifest) => manifest.kind === 'Service' && manifest.object.clusterIps.IPv6 !== undefined,
  ).length;
  if (count === 0) return [];
  return [
    {
      code: 'family-left-out',
      severity: 'warning',
      object: { kind: 'Flag', name: '--ip-family' },
      field: '',
      problem: `these rules are for IPv4 only, but the input has IPv6 cluster IPs (Services: ${count})`,
      remedy: 'pass --ip-family ipv6 for the input of ip6tables-restore; --ip-family ipv4 says that IPv4 is meant',
    },
  ];
}

/** Shows what was found, and a summary where somebody looks or something was shown. */
async function report(
  settings: CompileSettings,
  findings: readonly Finding[],
  summary: (counts: ReturnType<typeof countSeverities>) => string,
): Promise<ExitCode> {
  // Undefined, not false, for a pipe.
  const isTerminal = Boolean(process.stderr.isTTY);
  const render = diagnosticRenderer(wantsColor(settings.color, isTerminal, process.env));
  const shown = findings.filter(({ diagnostic }) => settings.verbose || diagnostic.severity !== 'info');
  const counts = countSeverities(findings);
  const hint = shown.length < findings.length ? ` (-v shows ${findings.length - shown.length} more)` : '';
  const lastLine = isTerminal || shown.length > 0 ? `${summary(counts)}${hint}\n` : '';
  await write(process.stderr, shown.map(render).join('') + lastLine);
  return counts.error > 0 || (settings.strict && counts.warning > 0) ? exitCodes.errors : exitCodes.clean;
}
