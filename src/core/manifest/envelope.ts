/** Tells from kind and apiVersion what a value is: an object to read, a list, or something else. */
import { quote } from '../structures/safe-text.ts';
import { apiVersionOf, isOtherGroup, itemKind, type KnownKind, knownKind } from './kinds.ts';
import type { ManifestProblem } from './report.ts';
import { describeValue, get, isFields, type JsonFields, textIn } from './value.ts';

export type Envelope =
  | { readonly is: 'object'; readonly kind: KnownKind }
  | { readonly is: 'list'; readonly fields: JsonFields; readonly listed: KnownKind | undefined }
  | { readonly is: 'refused'; readonly complaint: ManifestProblem };

/** `listed`: the kind that a typed list gives its items, which need not repeat it. */
export function classify(json: unknown, listed: KnownKind | undefined): Envelope {
  if (!isFields(json)) return { is: 'refused', complaint: notAnObject(json) };
  if (listed !== undefined) return { is: 'object', kind: listed };
  const kind = get(json, 'kind');
  const apiVersion = get(json, 'apiVersion');
  if (kind === 'Status' && !isOtherGroup(apiVersion)) return { is: 'refused', complaint: apiError(json) };
  if (typeof kind !== 'string' || kind === '') return { is: 'refused', complaint: kindMissing(kind) };
  const known = knownKind(kind);
  const items = itemKind(kind);
  const isList = kind === 'List' || items !== undefined;
  if ((known === undefined && !isList) || isOtherGroup(apiVersion)) return { is: 'refused', complaint: kindIgnored };
  const wanted = apiVersionOf(known ?? items);
  if (apiVersion !== wanted) return { is: 'refused', complaint: wrongApiVersion(kind, wanted, apiVersion) };
  return known === undefined ? { is: 'list', fields: json, listed: items } : { is: 'object', kind: known };
}

export function notAnObject(value: unknown): ManifestProblem {
  return {
    code: 'not-an-object',
    // A text is not quoted: it may be a file that was given by mistake, and hold secrets.
    problem: `Expected a Kubernetes object, found ${typeof value === 'string' ? 'a text' : describeValue(value)}`,
    remedy: 'Remove it, or write an object with apiVersion, kind and metadata',
  };
}

export function wrongApiVersion(kind: string, wanted: string, found: unknown): ManifestProblem {
  return {
    code: 'api-version',
    key: 'apiVersion',
    problem: found === undefined ? `A ${kind} without apiVersion` : `${describeValue(found)} is not ${wanted}`,
    remedy: `Write apiVersion: ${wanted}, after converting the object if it comes from an older cluster`,
  };
}

export function wrongKind(kind: KnownKind, found: unknown): ManifestProblem {
  return {
    code: 'kind-mismatch',
    key: 'kind',
    problem: `Expected kind ${kind}, found ${describeValue(found)}`,
    remedy: `Move it to where other kinds than ${kind} may stand`,
  };
}

function kindMissing(found: unknown): ManifestProblem {
  return {
    code: 'kind-missing',
    key: 'kind',
    problem: `Expected the name of a kind, found ${found === '' ? quote('') : describeValue(found)}`,
    remedy: 'Add kind and apiVersion, or remove what is no Kubernetes object',
  };
}

/** An error answer of the API server that was saved to a file. It must not pass for an empty cluster. */
function apiError(status: JsonFields): ManifestProblem {
  return {
    code: 'api-error',
    problem: `The API server answered with an error: ${quote(textIn(status, 'message'))}`,
    remedy: 'Fetch the objects again',
  };
}

const kindIgnored: ManifestProblem = {
  code: 'kind-ignored',
  severity: 'info',
  problem: 'Objects of this kind do not shape rules, so it is ignored',
  remedy: 'Leave it here if it serves others, nothing needs to change',
};
