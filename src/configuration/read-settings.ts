/** Flags and file together: kube-proxy's rule of who counts, and everything there is to say about it. */
import type { Diagnostic } from '../core/diagnostics.ts';
import type { ProxyMode } from '../core/model/config.ts';
import { completeConfiguration } from './complete.ts';
import { readDocument } from './document.ts';
import type { Configuration, FieldPath, GivenFields } from './fields.ts';
import { type Flag, fieldOf, flags } from './flags.ts';
import { type FlagFlaw, type FlagTexts, flagText, lastText, portCounts, readFlags } from './read-flags.ts';
import type { PlacedDiagnostic, Remark } from './remark.ts';

export interface Sources {
  readonly texts: FlagTexts;
  /** What --config names. */
  readonly file?: { readonly name: string; readonly text: string } | undefined;
  /** The mode that counts, whatever file and --proxy-mode say. */
  readonly mode?: ProxyMode | undefined;
}

export interface ReadSettings {
  /** Complete and valid, unless there is a flaw or a diagnostic that is an error. */
  readonly configuration: Configuration;
  /** Flags that do not have a valid value. */
  readonly flaws: readonly FlagFlaw[];
  readonly diagnostics: readonly PlacedDiagnostic[];
}

/**
 * With a file, flags count only where kube-proxy lets them: those of logs, --hostname-override, and those that say what
 * no field can say.
 */
export function readSettings({ texts, file, mode }: Sources): ReadSettings {
  const fromFlags = readFlags(texts, mode);
  const fromFile = file === undefined ? undefined : readDocument(file.text, file.name);
  const counting = fromFile === undefined ? fromFlags.given : besideConfig(fromFlags.given, mode);
  const { configuration, remarks } = completeConfiguration({ ...fromFile?.given, ...counting });
  const isSound = fromFlags.flaws.length === 0 && (fromFile?.diagnostics ?? []).every(isNoError);
  const about = (path: FieldPath) =>
    fromFile === undefined || Object.hasOwn(counting, path)
      ? { object: { kind: 'Flag', name: fromFlags.flagOf(path) }, field: '' }
      : fromFile.about(path);
  return {
    configuration,
    flaws: fromFlags.flaws,
    diagnostics: [
      ...(fromFile?.diagnostics ?? []),
      ...flags.flatMap((flag) => describeFlag(flag, texts, fromFile !== undefined)),
      // What follows from values that are not valid says nothing.
      ...(isSound ? remarks.map((remark) => diagnosticOf(remark, about(remark.path))) : []),
    ],
  };
}

function isNoError({ severity }: Diagnostic): boolean {
  return severity !== 'error';
}

function besideConfig(given: GivenFields, mode: ProxyMode | undefined): GivenFields {
  const counting = new Set(flags.filter((flag) => flag.besideConfig).map((flag) => flag.field));
  const entries = Object.entries(given).filter(([path]) => counting.has(path as FieldPath));
  return Object.fromEntries(mode === undefined ? entries : [...entries, ['mode', mode]]) as GivenFields;
}

function diagnosticOf(
  { what, severity, problem, remedy }: Remark,
  about: Pick<PlacedDiagnostic, 'object' | 'field' | 'offset'>,
): PlacedDiagnostic {
  const subject = about.object.kind === 'Flag' ? 'flag' : 'field';
  return { code: `${subject}-${what}`, severity, ...about, problem, remedy };
}

/** What there is to say about a flag whatever its value. */
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
      ? 'kube-proxy gives it up'
      : `it has no effect, as in kube-proxy, without a --${server}-bind-address that has no port`,
    remedy: `use --${server}-bind-address`,
  };
}
