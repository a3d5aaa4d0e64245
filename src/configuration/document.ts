/** Reads the file: a KubeProxyConfiguration, strictly. Every problem is reported, at its place in the text. */

import { type Fields, isFields } from '../core/manifest/value.ts';
import { nameText } from '../core/structures/safe-text.ts';
import { type FieldPath, fieldAt, fieldPaths, type GivenFields, isFieldPath } from './fields.ts';
import { describeUnfit, type PlacedDiagnostic } from './remark.ts';
import { maxShown, offsetOf, parseDocument } from './yaml.ts';

export const apiVersion = 'kubeproxy.config.k8s.io/v1alpha1';
export const kind = 'KubeProxyConfiguration';

export interface ReadDocument {
  readonly given: GivenFields;
  readonly diagnostics: readonly PlacedDiagnostic[];
  /** What to say in a diagnostic about a field of the file. */
  readonly about: (path: string) => Pick<PlacedDiagnostic, 'object' | 'field' | 'offset'>;
}

/**
 * `text`: YAML or JSON. `name`: what to call the file in diagnostics. Where one of them is an error, not all is given.
 * Fields with null are absent, as in Kubernetes.
 */
export function readDocument(text: string, name: string): ReadDocument {
  const object = { kind, name: nameText(name) };
  const parsed = parseDocument(text);
  if ('problems' in parsed) {
    const remedy = `give one ${kind} in YAML or JSON`;
    const about = { code: 'configuration-invalid', severity: 'error', object, field: '', remedy } as const;
    const diagnostics = parsed.problems.map((each) => ({ ...about, ...each }));
    return { given: {}, diagnostics, about: (path) => ({ object, field: nameText(path) }) };
  }
  const { document, value } = parsed;
  const about = (path: string) => ({ object, field: nameText(path), offset: offsetOf(document, path.split('.')) });
  const findings = [...checkType(value), ...walk(value, '')];
  const values = findings.flatMap((finding) => ('value' in finding ? [[finding.path, finding.value]] : []));
  const problems = findings.flatMap((finding) => ('problem' in finding ? [finding] : []));
  return {
    // Each value came out of the kind of its path.
    given: Object.fromEntries(values) as GivenFields,
    diagnostics: problems.slice(0, maxShown).map(({ path, ...problem }) => ({ ...problem, ...about(path) })),
    about,
  };
}

type Problem = Pick<PlacedDiagnostic, 'code' | 'severity' | 'problem' | 'remedy'> & { readonly path: string };
type Finding = Problem | { readonly path: FieldPath; readonly value: unknown };

function invalid(path: string, got: unknown, want: string): Problem {
  return { path, severity: 'error', code: 'field-invalid', ...describeUnfit({ got, want }) };
}

function checkType(value: Fields): readonly Problem[] {
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
function walk(section: Fields, at: string): readonly Finding[] {
  return Object.entries(section).flatMap(([key, value]): readonly Finding[] => {
    if (at === '' && (key === 'apiVersion' || key === 'kind')) return [];
    const path = at === '' ? key : `${at}.${key}`;
    // A key with a point in it is not a path.
    const isKnown = !key.includes('.') && (isFieldPath(path) || sections.has(path));
    if (!isKnown) return [unknownField(path)];
    if (value === null || value === undefined) return [];
    if (isFieldPath(path)) return [readField(path, value)];
    return isFields(value) ? walk(value, path) : [invalid(path, value, 'an object')];
  });
}

function readField(path: FieldPath, json: unknown): Finding {
  const parsed = fieldAt(path).kind.read(json);
  return 'want' in parsed ? invalid(path, parsed.got, parsed.want) : { path, value: parsed.value };
}

function unknownField(path: string): Problem {
  const last = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const known = [...fieldPaths, ...sections];
  const meant =
    known.find((each) => each.toLowerCase() === path.toLowerCase()) ??
    known.find((each) => each.toLowerCase().endsWith(`.${last}`));
  return {
    path,
    severity: 'error',
    code: 'field-unknown',
    problem: 'there is no such field',
    remedy: meant === undefined ? 'take it out' : `write ${meant}`,
  };
}
