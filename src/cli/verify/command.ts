/** `rulewright verify`: whether rules do what the Services say, for all packets. */
import process from 'node:process';
import type { IpFamily } from '../../core/model/address.ts';
import type { Plan } from '../../core/model/plan.ts';
import { comparePlans } from '../../core/prove/compare-plans.ts';
import type { RulesToProve, Subject } from '../../core/prove/subject.ts';
import { type Finding, sortFindings } from '../../documents/finding.ts';
import type { LoadedObjects } from '../../files/load-objects.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type CompiledInputs, compileObjects, readObjects } from '../inputs/compile.ts';
import { report, writeResult } from '../output/report.ts';
import { wantsColor, write } from '../output/streams.ts';
import { describeCounts } from '../output/summary.ts';
import { programVersion } from '../version.ts';
import { type DumpFile, dumpedRules, openDump } from './dump.ts';
import { readVerifyFlags, type VerifyFlags, type VerifySettings } from './flags.ts';
import { formatProofsJson } from './json.ts';
import { proveInSight } from './progress.ts';
import { type Comparison, isFine, type Proof, type Proofs } from './proofs.ts';
import { formatProofs } from './text.ts';

/** Runs the command. The exit code says whether all was proven. */
export async function runVerify(given: VerifyFlags): Promise<ExitCode> {
  const dump = given.dump === undefined ? undefined : await openDump(given.dump);
  const flags = readVerifyFlags(given, dump === undefined || 'unreadable' in dump ? undefined : dump.mode);
  if ('errors' in flags) {
    await write(process.stderr, flags.errors.map((line) => `error: ${line}\n`).join(''));
    return exitCodes.usage;
  }
  const [first] = flags.runs;
  if (first === undefined) throw new Error('no backend to verify');
  const { settings } = first;
  const loaded = await readObjects(settings.paths, settings);
  const unreadable = [loaded, dump].flatMap((each) =>
    each !== undefined && 'unreadable' in each ? each.unreadable : [],
  );
  if ('unreadable' in loaded || (dump !== undefined && 'unreadable' in dump)) {
    return report(settings, unreadable, (counts) => `${describeCounts(counts)}; nothing was verified`);
  }
  const made = dump === undefined ? proveOwn(flags, loaded) : proveDump(flags, loaded, dump);
  const isColored = wantsColor(settings.color, Boolean(process.stdout.isTTY), process.env);
  const findings = sortFindings(made.findings);
  const written = await writeResult(
    flags.output === 'json'
      ? formatProofsJson({ version: programVersion(), proofs: made.proofs, findings })
      : formatProofs(made.proofs, { isColored, given }),
  );
  const exitCode = await report(settings, findings, describeCounts);
  if (written === 'failed') return exitCodes.errors;
  return exitCode === exitCodes.clean && !isFine(made.proofs, flags.acceptsDeviations) ? exitCodes.errors : exitCode;
}

interface Made {
  readonly proofs: Proofs;
  readonly findings: readonly Finding[];
}

/** The rules that rulewright makes, of each backend that is asked for. */
function proveOwn({ runs }: VerifySettings, loaded: LoadedObjects): Made {
  const compiled = runs.map(({ backend, settings }) => ({ backend, inputs: compileObjects(settings, loaded) }));
  const proofs: Proof[] = [];
  for (const { backend, inputs } of compiled) {
    for (const subject of subjectsOf(inputs)) {
      proofs.push({ name: backend.name, unread: [], notes: [], ...proveInSight(subject) });
    }
  }
  const [first, ...others] = compiled;
  const comparisons = others.flatMap((other) => compare(first, other));
  return { proofs: { proofs, comparisons }, findings: first?.inputs.findings ?? [] };
}

function subjectsOf({ compilation, node }: CompiledInputs): readonly Subject[] {
  const { plans, rules } = compilation;
  return families.flatMap((family) => {
    const [plan, ofFamily] = [plans[family], rules[family]];
    return plan === undefined || ofFamily === undefined ? [] : [subjectFor(plan, ofFamily, node)];
  });
}

const families: readonly IpFamily[] = ['IPv4', 'IPv6'];

function subjectFor(plan: Plan, rules: RulesToProve, node: CompiledInputs['node']): Subject {
  return { plan, rules, host: { addresses: node?.addresses ?? [] } };
}

interface CompiledBackend {
  readonly backend: VerifySettings['runs'][number]['backend'];
  readonly inputs: CompiledInputs;
}

/** What the modes themselves ask for: where that is the same, rules that are proven are the same to every packet. */
function compare(a: CompiledBackend | undefined, b: CompiledBackend): readonly Comparison[] {
  return families.flatMap((family) => {
    const [planA, planB] = [a?.inputs.compilation.plans[family], b.inputs.compilation.plans[family]];
    if (a === undefined || planA === undefined || planB === undefined) return [];
    const host = { addresses: b.inputs.node?.addresses ?? [] };
    return [{ family, names: [a.backend.name, b.backend.name], differences: comparePlans([planA, planB], host) }];
  });
}

function proveDump({ runs, familiesChosen }: VerifySettings, loaded: LoadedObjects, dump: DumpFile): Made {
  const settings = runs[0]?.settings;
  if (settings === undefined) throw new Error('no settings to hold the dump against');
  const wanted = familiesChosen ? settings.families : undefined;
  const { rules, findings } = dumpedRules(dump, wanted);
  const inputs = compileObjects({ ...settings, families: rules.map(({ family }) => family) }, loaded);
  const proofs: Proof[] = [];
  for (const { family, dump: read } of rules) {
    const plan = inputs.compilation.plans[family];
    if (plan === undefined) continue;
    const outcome = proveInSight(subjectFor(plan, read.rules, inputs.node));
    const unread = read.rules.unread.map(({ text }) => text);
    proofs.push({ name: dump.name, unread, notes: read.notes.map(({ text }) => text), ...outcome });
  }
  return { proofs: { proofs, comparisons: [] }, findings: [...inputs.findings, ...findings] };
}
