/** Collects the problems of one object, each with its place. */
import type { Diagnostic, ObjectRef, Severity } from '../diagnostics.ts';
import { formatPath, type JsonPath } from '../structures/json-path.ts';
import type { ManifestCode } from './codes.ts';
import { refOf } from './ref.ts';
import { none } from './value.ts';

/** A diagnostic with its path from the root that was read, so that the line of YAML can be shown. */
export interface LocatedDiagnostic extends Diagnostic {
  readonly path: JsonPath;
}

/**
 * One object being read. Readers keep `at` at the place they are in with push and pop: one shared stack, because a path
 * for each of 100,000 endpoints would cost more than reading them.
 */
export interface Report {
  readonly kind: string;
  readonly json: unknown;
  readonly base: JsonPath;
  readonly at: (string | number)[];
  readonly diagnostics: LocatedDiagnostic[];
  shown: number;
  hidden: number;
  hiddenErrors: number;
}

/** A problem with a value; `complain` adds the object and the place. */
export interface ManifestProblem {
  readonly code: ManifestCode;
  /** `error` when absent. */
  readonly severity?: Severity;
  /** Below the current place; absent when the current place itself is meant. */
  readonly key?: string | number | undefined;
  readonly problem: string;
  readonly remedy: string;
  /** Shown even when `maxShown` is reached: it says what happens to the whole object. */
  readonly always?: true;
}

/** A million bad entries must not become a million diagnostics. */
const maxShown = 20;

export function startReport(kind: string, json: unknown, base: JsonPath): Report {
  return { kind, json, base, at: [], diagnostics: [], shown: 0, hidden: 0, hiddenErrors: 0 };
}

/** Records a problem at the current place; `item` when it is about an item of the list that `report` is about. */
export function complain(report: Report, complaint: ManifestProblem, item?: ObjectRef): void {
  const { severity = 'error', key } = complaint;
  if (complaint.always === undefined) {
    if (report.shown === maxShown) {
      report.hidden += 1;
      if (severity === 'error') report.hiddenErrors += 1;
      return;
    }
    report.shown += 1;
  }
  const place = key === undefined ? [...report.at] : [...report.at, key];
  report.diagnostics.push({
    code: complaint.code,
    severity,
    object: item ?? refOf(report.kind, report.json, formatPath(report.base)),
    field: formatPath(item === undefined ? place : place.slice(report.at.length)),
    problem: complaint.problem,
    remedy: complaint.remedy,
    path: [...report.base, ...place],
  });
}

/** Calls `read` with the current place at `key`. Not for endpoints, where a function for each costs too much. */
export function within<T>(report: Report, key: string | number, read: () => T): T {
  report.at.push(key);
  const value = read();
  report.at.pop();
  return value;
}

/** All recorded diagnostics; a last one says how many problems were not recorded. */
export function finishReport(report: Report): readonly LocatedDiagnostic[] {
  if (report.diagnostics.length === 0) return none;
  if (report.hidden > 0) {
    report.diagnostics.push({
      code: 'more-problems',
      severity: report.hiddenErrors > 0 ? 'error' : 'warning',
      object: refOf(report.kind, report.json, formatPath(report.base)),
      field: '',
      problem: `${report.hidden} more problems of this object are not shown, ${report.hiddenErrors} of them errors`,
      remedy: 'Correct the ones above and try again',
      path: report.base,
    });
  }
  return report.diagnostics;
}
