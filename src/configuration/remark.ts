/** What there is to say about settings, wherever they come from. */
import type { Diagnostic, Severity } from '../core/diagnostics.ts';
import { describeValue } from '../core/manifest/value.ts';
import type { FieldPath } from './fields.ts';
import type { Unfit } from './parsed.ts';

/** About a field, before it is known whether a file or a flag gave it. */
export interface Remark {
  readonly path: FieldPath;
  readonly severity: Severity;
  readonly what: 'invalid' | 'without-effect';
  readonly problem: string;
  readonly remedy: string;
}

/** A diagnostic, and where in the text of the file it belongs. */
export interface PlacedDiagnostic extends Diagnostic {
  /** In UTF-16 units from the start of the file; absent for flags. */
  readonly offset?: number;
}

/** `the number 32 is not valid here` */
export function describeUnfit({ got, want }: Unfit): Pick<Diagnostic, 'problem' | 'remedy'> {
  const problem = got === undefined ? 'nothing is given' : `${describeValue(got)} is not valid here`;
  return { problem, remedy: `write ${want}` };
}
