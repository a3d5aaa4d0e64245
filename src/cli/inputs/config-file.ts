/** Reads the file of --config. */
import type { Diagnostic } from '../../core/diagnostics.ts';
import type { Source } from '../../documents/source.ts';
import { attempt, readText } from '../../files/read-text.ts';

/** Before all inputs in the order of what is shown. */
const configIndex = -1;

/** Undefined without --config. */
export async function readConfigFile(path: string | undefined): Promise<Source | Diagnostic | undefined> {
  if (path === undefined || path === '') return undefined;
  const text = await attempt(path, () => readText(path));
  return 'problem' in text ? text : { name: path, index: configIndex, text: text.value };
}
