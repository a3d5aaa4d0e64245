/** The file of --config: reading it, and what src/configuration says about it with its place in the file. */
import type { PlacedDiagnostic } from '../../configuration/remark.ts';
import type { Diagnostic } from '../../core/diagnostics.ts';
import type { Finding } from '../../files/finding.ts';
import { attempt, readText } from '../../files/read-text.ts';
import type { Source } from '../../files/source.ts';

/** Before all inputs in the order of what is shown. */
const configIndex = -1;

/** Undefined without --config. */
export async function readConfigFile(path: string | undefined): Promise<Source | Diagnostic | undefined> {
  if (path === undefined || path === '') return undefined;
  const text = await attempt(path, () => readText(path));
  return 'problem' in text ? text : { name: path, index: configIndex, text: text.value };
}

export function findingsOf(diagnostics: readonly PlacedDiagnostic[], source: Source | undefined): readonly Finding[] {
  return diagnostics.map(({ offset, ...diagnostic }) =>
    offset === undefined || source === undefined ? { diagnostic } : { diagnostic, place: { source, offset } },
  );
}
