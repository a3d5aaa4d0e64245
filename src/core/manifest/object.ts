/** Reads one object of a known kind: the envelope that all kinds share, around a reader for what is inside. */
import type { JsonPath } from '../structures/json-path.ts';
import { notAnObject, wrongApiVersion, wrongKind } from './envelope.ts';
import { apiVersionOf, type KnownKind } from './kinds.ts';
import { complain, finishReport, type LocatedDiagnostic, type Report, startReport } from './report.ts';
import { get, isFields, type JsonFields } from './value.ts';

/** Neither object nor diagnostics: rightly ignored, as a headless Service is. */
export interface ReadResult<T> {
  readonly object?: T;
  readonly diagnostics: readonly LocatedDiagnostic[];
}

/**
 * Reads one object. `kind` and `apiVersion` may be absent, as in the items of an API server's list, but must not be
 * those of another kind.
 */
export function readObject<T>(
  kind: KnownKind,
  json: unknown,
  path: JsonPath,
  read: (report: Report, fields: JsonFields) => T | undefined,
): ReadResult<T> {
  const report = startReport(kind, json, path);
  const object = isOfKind(report, json, kind) ? read(report, json) : undefined;
  const diagnostics = finishReport(report);
  return object === undefined ? { diagnostics } : { object, diagnostics };
}

function isOfKind(report: Report, json: unknown, kind: KnownKind): json is JsonFields {
  if (!isFields(json)) {
    complain(report, notAnObject(json));
    return false;
  }
  const foundKind = get(json, 'kind') ?? kind;
  const foundVersion = get(json, 'apiVersion') ?? apiVersionOf(kind);
  if (foundKind !== kind) complain(report, wrongKind(kind, foundKind));
  else if (foundVersion !== apiVersionOf(kind))
    complain(report, wrongApiVersion(kind, apiVersionOf(kind), foundVersion));
  else return true;
  return false;
}
