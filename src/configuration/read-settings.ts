/** Flags and file together: kube-proxy's rule of which of them counts, and all findings about both. */
import type { Diagnostic } from '../core/diagnostics.ts';
import type { ProxyMode } from '../core/model/config.ts';
import type { Finding } from '../documents/finding.ts';
import type { Source } from '../documents/source.ts';
import { completeConfiguration } from './complete.ts';
import { readDocument } from './document.ts';
import type { Configuration, FieldPath, GivenFields } from './fields.ts';
import { type Flag, fieldOf, flags } from './flags.ts';
import { type FlagFlaw, type FlagTexts, flagText, lastText, portCounts, readFlags } from './read-flags.ts';
import { findingAbout, type SettingProblem, type SettingSubject } from './setting-problem.ts';

export interface Sources {
  readonly texts: FlagTexts;
  /** The file that --config names. */
  readonly file?: Source | undefined;
  /** The mode that counts, whatever file and --proxy-mode say. */
  readonly mode?: ProxyMode | undefined;
}

export interface ReadSettings {
  /** Complete and valid, unless there is a flaw or a finding that is an error. */
  readonly configuration: Configuration;
  /** Flags that do not have a valid value. */
  readonly flaws: readonly FlagFlaw[];
  readonly findings: readonly Finding[];
}

/**
 * With a file, flags count only where kube-proxy lets them: those of logs, --hostname-override, and those that say what
 * no field can say.
 */
export function readSettings({ texts, file, mode }: Sources): ReadSettings {
  const fromFlags = readFlags(texts, mode);
  const fromFile = file === undefined ? undefined : readDocument(file);
  const counting = fromFile === undefined ? fromFlags.given : besideConfig(fromFlags.given, mode);
  const { configuration, problems } = completeConfiguration({ ...fromFile?.given, ...counting });
  const isSound = fromFlags.flaws.length === 0 && (fromFile?.findings ?? []).every(isNoError);
  const subjectOf = (path: FieldPath): SettingSubject =>
    fromFile === undefined || Object.hasOwn(counting, path)
      ? { object: { kind: 'Flag', name: fromFlags.flagOf(path) }, field: '' }
      : fromFile.subjectOf(path);
  const aboutFlags = flags.flatMap((flag) => describeFlag(flag, texts, fromFile !== undefined));
  return {
    configuration,
    flaws: fromFlags.flaws,
    findings: [
      ...(fromFile?.findings ?? []),
      ...aboutFlags.map((diagnostic) => ({ diagnostic })),
      // What follows from invalid values says nothing.
      ...(isSound ? problems.map((problem) => findingOf(problem, subjectOf(problem.path))) : []),
    ],
  };
}

function isNoError({ diagnostic }: Finding): boolean {
  return diagnostic.severity !== 'error';
}

function besideConfig(given: GivenFields, mode: ProxyMode | undefined): GivenFields {
  const counting = new Set(flags.filter((flag) => flag.besideConfig).map((flag) => flag.field));
  const entries = Object.entries(given).filter(([path]) => counting.has(path as FieldPath));
  return Object.fromEntries(mode === undefined ? entries : [...entries, ['mode', mode]]) as GivenFields;
}

function findingOf({ what, severity, problem, remedy }: SettingProblem, about: SettingSubject): Finding {
  const subject = about.object.kind === 'Flag' ? 'flag' : 'field';
  return findingAbout(about, { code: `${subject}-${what}`, severity, problem, remedy });
}

/** Warnings about a flag that do not depend on whether its value is valid. */
function describeFlag(flag: Flag, texts: FlagTexts, hasFile: boolean): readonly Diagnostic[] {
  const given = lastText(texts, flag.name);
  if (given === undefined) return [];
  const about = { severity: 'warning', object: { kind: 'Flag', name: flagText(flag) }, field: '' } as const;
  const path = fieldOf(flag, 'iptables');
  if (hasFile && !flag.besideConfig) {
    return [
      {
        ...about,
        code: 'flag-ignored',
        problem: 'it is ignored because there is --config, as in kube-proxy',
        remedy: path === undefined ? 'leave it out' : `set ${path} in the file, or leave the flag out`,
      },
    ];
  }
  if (flag.without !== undefined && given !== flag.harmless) {
    const problem = `it has no effect: ${flag.without}`;
    return [{ ...about, code: 'flag-without-effect', problem, remedy: 'leave it out' }];
  }
  if (flag.name === 'healthz-port') return [deprecatedPort('healthz', texts)];
  if (flag.name === 'metrics-port') return [deprecatedPort('metrics', texts)];
  return [];
}

function deprecatedPort(server: 'healthz' | 'metrics', texts: FlagTexts): Diagnostic {
  return {
    code: 'flag-deprecated',
    severity: 'warning',
    object: { kind: 'Flag', name: `--${server}-port` },
    field: '',
    problem: portCounts(server, texts)
      ? 'it is deprecated in kube-proxy'
      : `it has no effect, as in kube-proxy, without a --${server}-bind-address that has no port`,
    remedy: `use --${server}-bind-address`,
  };
}
