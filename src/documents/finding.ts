/** Findings: diagnostics with the place in a file that they are about. */
import type { Diagnostic } from '../core/diagnostics.ts';
import { compareText } from '../core/structures/compare-text.ts';
import { positionAt, type Source } from './source.ts';

/** A place in a source: an offset, because lines are counted only for what is shown. */
export interface SourcePlace {
  readonly source: Source;
  /** In UTF-16 units from the start of the text. */
  readonly offset: number;
}

/** What commands report. `place` is absent for flags, and for objects that are not in the inputs. */
export interface Finding {
  readonly diagnostic: Diagnostic;
  readonly place?: SourcePlace;
}

/** A diagnostic about an input as a whole; `error` unless `what` says otherwise. */
export function fileDiagnostic(
  name: string,
  what: Pick<Diagnostic, 'code' | 'problem' | 'remedy'> & Partial<Diagnostic>,
): Diagnostic {
  return { severity: 'error', object: { kind: 'File', name }, field: '', ...what };
}

/** `shop.yaml:12:9` */
export function describePlace({ source, offset }: SourcePlace): string {
  const { line, column } = positionAt(source, offset);
  return `${source.name}:${line}:${column}`;
}

/** By file in the order of reading, then by place; findings without a place come last, by object. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(compareFindings);
}

/** Each finding once: what is found about a node is found with both inputs of a comparison. */
export function eachOnce(findings: readonly Finding[]): readonly Finding[] {
  const byText = new Map(
    findings.map((finding) => [
      JSON.stringify([finding.diagnostic, finding.place?.source.name, finding.place?.offset]),
      finding,
    ]),
  );
  return [...byText.values()];
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
