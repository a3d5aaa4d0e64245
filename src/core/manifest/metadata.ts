/** Reads `metadata`, which all kinds share: names, labels, age. */
import { quote } from '../structures/safe-text.ts';
import { readFields, readInside, readText } from './fields.ts';
import { type NameSyntax, readName } from './names.ts';
import { complain, type Report } from './report.ts';
import { parseTimestamp } from './timestamp.ts';
import { get, type JsonFields } from './value.ts';

export interface Metadata {
  readonly namespace: string;
  readonly name: string;
  readonly labels: JsonFields;
  readonly createdAtMs: number | undefined;
}

/** The label that keeps kube-proxy from watching an object of a kind, whatever its value. */
const excludingLabels = {
  Service: 'service.kubernetes.io/service-proxy-name',
  EndpointSlice: 'service.kubernetes.io/headless',
} as const;

/** Undefined when the object cannot be named: it has to be left out as a whole. */
export function readMetadata(report: Report, json: JsonFields, syntax: NameSyntax): Metadata | undefined {
  return readInside(report, json, 'metadata', (metadata) => readNames(report, metadata, syntax));
}

function readNames(report: Report, metadata: JsonFields, syntax: NameSyntax): Metadata | undefined {
  const name = readName(report, metadata, 'name', { syntax, absent: '' });
  const namespace = readName(report, metadata, 'namespace', { syntax: 'label', absent: 'default' });
  const labels = readFields(report, metadata, 'labels');
  const createdAtMs = readCreationTime(report, metadata);
  if (name === '') {
    complain(report, {
      code: 'field-missing',
      key: 'name',
      problem: 'The object has no name',
      remedy: 'Add metadata.name',
    });
  }
  if (name === undefined || name === '' || namespace === undefined || labels === undefined) return undefined;
  return { namespace, name, labels, createdAtMs };
}

/** A label's name; an absent label and one with the empty text read as `''`. */
export function readLabel(report: Report, labels: JsonFields, key: string, syntax: NameSyntax): string | undefined {
  report.at.push('metadata', 'labels');
  const value = readName(report, labels, key, { syntax, absent: '' });
  report.at.length -= 2;
  return value;
}

/** Whether the labels of a Service say that another proxy serves it, or those of a slice that none does. */
export function isForOthers(report: Report, labels: JsonFields, kind: keyof typeof excludingLabels): boolean {
  const key = excludingLabels[kind];
  if (!Object.hasOwn(labels, key)) return false;
  // `headless: true` without quotes counts as well, but Kubernetes would not have taken it.
  if (typeof get(labels, key) !== 'string') readLabel(report, labels, key, 'labelValue');
  return true;
}

function readCreationTime(report: Report, metadata: JsonFields): number | undefined {
  const text = readText(report, metadata, 'creationTimestamp', '');
  if (text === undefined || text === '') return undefined;
  const createdAtMs = parseTimestamp(text);
  if (createdAtMs === undefined) {
    complain(report, {
      code: 'timestamp-invalid',
      severity: 'warning',
      key: 'creationTimestamp',
      problem: `${quote(text)} is not a time, so the age of the object is unknown`,
      remedy: 'Remove it, or write it like 2026-11-23T04:56:37Z',
    });
  }
  return createdAtMs;
}
