/** Problems with settings, whether a file or a flag gives them, and how they become findings. */
import type { Diagnostic, Severity } from '../core/diagnostics.ts';
import { describeValue } from '../core/manifest/value.ts';
import type { Finding } from '../documents/finding.ts';
import type { FieldPath } from './fields.ts';
import type { Unfit } from './parsed.ts';

/** A problem with a setting, before it is known whether a file or a flag gave it. */
export interface SettingProblem {
  readonly path: FieldPath;
  readonly severity: Severity;
  readonly what: 'invalid' | 'without-effect';
  readonly problem: string;
  readonly remedy: string;
}

/** What a finding is about: a field of the file with its place, or a flag, which has none. */
export type SettingSubject = Pick<Diagnostic, 'object' | 'field'> & Pick<Finding, 'place'>;

export function findingAbout(
  { place, ...about }: SettingSubject,
  what: Pick<Diagnostic, 'code' | 'severity' | 'problem' | 'remedy'>,
): Finding {
  const diagnostic = { ...what, ...about };
  return place === undefined ? { diagnostic } : { diagnostic, place };
}

/** `the number 32 is not valid here` */
export function describeUnfit({ got, want }: Unfit): Pick<Diagnostic, 'problem' | 'remedy'> {
  const problem = got === undefined ? 'nothing is given' : `${describeValue(got)} is not valid here`;
  return { problem, remedy: `write ${want}` };
}
