/** Reads the file of --config: a KubeProxyConfiguration. Reports every problem at its place in the text. */
import type { Diagnostic } from '../core/diagnostics.ts';
import { isFields, type JsonFields } from '../core/manifest/value.ts';
import { nearestName } from '../core/structures/nearest.ts';
import { nameText } from '../core/structures/safe-text.ts';
import type { Locate } from '../documents/document.ts';
import type { Finding } from '../documents/finding.ts';
import type { Source } from '../documents/source.ts';
import { type YamlError, yamlDocuments } from '../documents/yaml.ts';
import { type FieldPath, fieldAt, fieldPaths, type GivenFields, isFieldPath } from './fields.ts';
import { describeUnfit, findingAbout, type SettingSubject } from './setting-problem.ts';

export const apiVersion = 'kubeproxy.config.k8s.io/v1alpha1';
export const kind = 'KubeProxyConfiguration';

/** Problems that are shown at most: to find the place of each takes time. */
const maxShown = 50;

/** An alias may be used this often: aliases of aliases can make a few lines stand for terabytes. */
const maxAliasCount = 100;

/** A configuration of kube-proxy has some 2,000 characters. */
const maxLength = 100_000;

export interface ReadDocument {
  readonly given: GivenFields;
  readonly findings: readonly Finding[];
  /** How a finding names a field of the file. */
  readonly subjectOf: (path: string) => SettingSubject;
}

/** Reads YAML or JSON. If a finding is an error, not all fields are given. Null counts as absent, as in Kubernetes. */
export function readDocument(source: Source): ReadDocument {
  const object = { kind, name: nameText(source.name) };
  const parsed = parseDocument(source.text);
  if ('problems' in parsed) {
    const remedy = `give one ${kind} in YAML or JSON`;
    const about = { code: 'configuration-invalid', severity: 'error', object, field: '', remedy } as const;
    const findings = parsed.problems.map(({ problem, offset }) => ({
      diagnostic: { ...about, problem },
      place: { source, offset },
    }));
    return { given: {}, findings, subjectOf: (path) => ({ object, field: nameText(path) }) };
  }
  const { value, locate } = parsed;
  const subjectOf = (path: string): SettingSubject => {
    const place = { source, offset: offsetOf(locate, path.split('.')) };
    return { object, field: nameText(path), place };
  };
  const fields = [...checkType(value), ...readSection(value, '')];
  const values = fields.flatMap((field) => ('value' in field ? [[field.path, field.value]] : []));
  const problems = fields.flatMap((field) => ('problem' in field ? [field] : []));
  return {
    // Each value came out of the kind of its path.
    given: Object.fromEntries(values) as GivenFields,
    findings: problems.slice(0, maxShown).map(({ path, ...problem }) => findingAbout(subjectOf(path), problem)),
    subjectOf,
  };
}

interface TextProblem {
  readonly problem: string;
  readonly offset: number;
}

/** The one document of the text, which must be an object. */
function parseDocument(
  text: string,
): { readonly value: JsonFields; readonly locate: Locate } | { readonly problems: readonly TextProblem[] } {
  const fail = (problem: string, offset = 0) => ({ problems: [{ problem, offset }] });
  if (text.length > maxLength) return fail('it is too long for a configuration');
  const [document, second] = yamlDocuments(text);
  if (document === undefined) return fail('there is nothing in it');
  if (document.errors.length > 0) return { problems: describeErrors(document.errors) };
  if (second !== undefined) return fail('there is more than one document in it', second.start);
  const read = document.read(maxAliasCount);
  if ('problem' in read) return fail(describeError(read.problem));
  return isFields(read.value) ? { value: read.value, locate: document.locate } : fail('it is not an object');
}

/** Every repeated key; but of a broken text only its first error, because later ones follow from it. */
function describeErrors(errors: readonly YamlError[]): readonly TextProblem[] {
  const broken = errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  const shown = broken === undefined ? errors.slice(0, maxShown) : [broken];
  return shown.map(({ message, offset }) => ({ problem: describeError(message), offset }));
}

function describeError(message: string): string {
  return `it cannot be parsed: ${message.split('\n', 1)[0] ?? ''}`;
}

/** The place of the field or of the nearest section around it; the start of the text when neither is there. */
function offsetOf(locate: Locate, path: readonly string[]): number {
  return locate(path.slice(0, 1)).exact ? locate(path).offset : 0;
}

interface FieldProblem extends Pick<Diagnostic, 'code' | 'severity' | 'problem' | 'remedy'> {
  readonly path: string;
}

type ReadField = FieldProblem | { readonly path: FieldPath; readonly value: unknown };

function invalid(path: string, got: unknown, want: string): FieldProblem {
  return { path, severity: 'error', code: 'field-invalid', ...describeUnfit({ got, want }) };
}

function checkType(value: JsonFields): readonly FieldProblem[] {
  return [
    ...(value['apiVersion'] === apiVersion ? [] : [invalid('apiVersion', value['apiVersion'], apiVersion)]),
    ...(value['kind'] === kind ? [] : [invalid('kind', value['kind'], kind)]),
  ];
}

const sections: ReadonlySet<string> = new Set(
  fieldPaths.flatMap((path) => {
    const keys = path.split('.');
    return keys.slice(1).map((_, index) => keys.slice(0, index + 1).join('.'));
  }),
);

/** Everything below `at`, which is empty for the root. */
function readSection(section: JsonFields, at: string): readonly ReadField[] {
  return Object.entries(section).flatMap(([key, value]): readonly ReadField[] => {
    if (at === '' && (key === 'apiVersion' || key === 'kind')) return [];
    const path = at === '' ? key : `${at}.${key}`;
    // A key that contains a dot is not a path.
    const isKnown = !key.includes('.') && (isFieldPath(path) || sections.has(path));
    if (!isKnown) return [unknownField(at, key)];
    if (value === null || value === undefined) return [];
    if (isFieldPath(path)) return [readField(path, value)];
    return isFields(value) ? readSection(value, path) : [invalid(path, value, 'an object')];
  });
}

function readField(path: FieldPath, json: unknown): ReadField {
  const parsed = fieldAt(path).kind.read(json);
  return 'want' in parsed ? invalid(path, parsed.got, parsed.want) : { path, value: parsed.value };
}

/**
 * kube-proxy logs unknown fields and goes on, and so do we: people add `metadata`, and files of other versions have
 * other fields. But what is nearly the name of a field was meant to change what the node does.
 */
function unknownField(at: string, key: string): FieldProblem {
  const path = at === '' ? key : `${at}.${key}`;
  const meant = at === '' && envelopeKeys.has(key) ? undefined : meantBy(at, key);
  const about = { path, code: 'field-unknown', problem: 'there is no such field' } as const;
  return meant === undefined
    ? { ...about, severity: 'warning', problem: `${about.problem}, it is ignored`, remedy: 'take it out' }
    : { ...about, severity: 'error', remedy: `write ${meant}` };
}

/** Keys of Kubernetes objects, which tools such as Kustomize add. */
const envelopeKeys: ReadonlySet<string> = new Set(['metadata', 'spec', 'status', 'data', 'items']);

/** The field or section with this name anywhere, in any case, or one beside it with nearly this name. */
function meantBy(at: string, key: string): string | undefined {
  const known = [...fieldPaths, ...sections];
  const path = at === '' ? key : `${at}.${key}`;
  const last = key.slice(key.lastIndexOf('.') + 1).toLowerCase();
  const siblings = known.filter((each) => each.slice(0, Math.max(each.lastIndexOf('.'), 0)) === at);
  const names = siblings.map((each) => each.slice(each.lastIndexOf('.') + 1));
  const near = nearestName(key, names);
  return (
    known.find((each) => each.toLowerCase() === path.toLowerCase()) ??
    known.find((each) => each.toLowerCase().endsWith(`.${last}`)) ??
    (near === undefined ? undefined : siblings[names.indexOf(near)])
  );
}
