/** A diagnostic with the place in a file that it is about. */
import type { Diagnostic } from '../core/diagnostics.ts';
import { compareText } from '../core/structures/compare-text.ts';
import type { Source } from './source.ts';

/** A place in a source: an offset, because lines are counted only for what is shown. */
export interface Place {
  readonly source: Source;
  readonly offset: number;
}

export interface Finding {
  readonly diagnostic: Diagnostic;
  readonly place?: Place;
}

/** About an input as a whole, or about a setting: kinds of rulewright's own. */
export function fileDiagnostic(
  name: string,
  what: Pick<Diagnostic, 'code' | 'problem' | 'remedy'> & Partial<Diagnostic>,
): Diagnostic {
  return { severity: 'error', object: { kind: 'File', name }, field: '', ...what };
}

/** By file in the order of reading, then by place; what has no place comes last, by object. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(compareFindings);
}

function compareFindings(a: Finding, b: Finding): number {
  if (a.place !== undefined && b.place !== undefined) {
    return a.place.source.index - b.place.source.index || a.place.offset - b.place.offset;
  }
  if (a.place !== undefined || b.place !== undefined) return a.place === undefined ? 1 : -1;
  return compareText(objectKey(a.diagnostic), objectKey(b.diagnostic));
}

function objectKey({ object, field, code }: Diagnostic): string {
  return [object.kind, object.namespace ?? '', object.name, field, code].join('\n');
}
