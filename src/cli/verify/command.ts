/** `rulewright verify`: whether rules match the Services, for every packet. */
import process from 'node:process';
import type { IpFamily } from '../../core/model/address.ts';
import type { Plan } from '../../core/model/plan.ts';
import { comparePlans } from '../../core/prove/compare-plans.ts';
import type { RulesToProve, Subject } from '../../core/prove/subject.ts';
import { type Finding, sortFindings } from '../../documents/finding.ts';
import type { LoadedObjects } from '../../files/load-objects.ts';
import { execute } from '../execute.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { GivenFlags } from '../flags/table.ts';
import { type CompiledInputs, compileObjects, readObjects } from '../inputs/compile.ts';
import { formatJson } from '../output/json.ts';
import { wantsColor } from '../output/streams.ts';
import { type DumpFile, dumpedRules, openDump } from './dump.ts';
import { readVerifyFlags, type VerifySettings } from './flags.ts';
import { proofsJson } from './json.ts';
import { proveInSight } from './progress.ts';
import { type BackendComparison, isFine, type Proof, type Proofs } from './proofs.ts';
import { formatProofs } from './text.ts';

/** Runs the command. The exit code says whether all was proven. */
export async function runVerify(given: GivenFlags): Promise<ExitCode> {
  const dump = given.dump === undefined ? undefined : await openDump(given.dump);
  const mode = dump === undefined || 'unreadable' in dump ? undefined : dump.mode;
  return execute({
    command: 'verify',
    given,
    read: (config) => readVerifyFlags(given, mode, config),
    compileOf: (settings) => firstRun(settings).settings,
    undone: 'nothing was verified',
    work: async (settings) => {
      const { settings: compile } = firstRun(settings);
      const loaded = await readObjects(compile.paths, compile);
      if ('unreadable' in loaded || (dump !== undefined && 'unreadable' in dump)) {
        const read = [loaded, ...(dump === undefined ? [] : [dump])];
        return { unreadable: read.flatMap((each) => ('unreadable' in each ? each.unreadable : [])) };
      }
      const made = dump === undefined ? proveOwn(settings, loaded) : proveDump(settings, loaded, dump);
      const findings = sortFindings(made.findings);
      const { proofs } = made;
      return {
        output:
          settings.output === 'json'
            ? formatJson('verify', proofsJson(proofs), findings)
            : formatProofs(proofs, { isColored: wantsColor(compile.color, process.stdout), given }),
        findings,
        fails: !isFine(proofs, settings.acceptsDeviations),
      };
    },
  });
}

function firstRun({ runs }: VerifySettings): VerifySettings['runs'][number] {
  const [first] = runs;
  if (first === undefined) throw new Error('no backend to verify');
  return first;
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
function compare(a: CompiledBackend | undefined, b: CompiledBackend): readonly BackendComparison[] {
  return families.flatMap((family) => {
    const [planA, planB] = [a?.inputs.compilation.plans[family], b.inputs.compilation.plans[family]];
    if (a === undefined || planA === undefined || planB === undefined) return [];
    const host = { addresses: b.inputs.node?.addresses ?? [] };
    return [{ family, names: [a.backend.name, b.backend.name], differences: comparePlans([planA, planB], host) }];
  });
}

function proveDump(verify: VerifySettings, loaded: LoadedObjects, dump: DumpFile): Made {
  const { settings } = firstRun(verify);
  const wanted = verify.familiesChosen ? settings.families : undefined;
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
