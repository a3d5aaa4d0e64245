/** The temporary folder of a run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPrefix } from './namespaces.ts';

/** `body` gets the folder, and what all names of the run begin with. What is to be kept is kept unless it fails. */
export async function withRunFolder<T>(
  keep: boolean,
  body: (folder: string, prefix: string) => Promise<T>,
): Promise<T> {
  const prefix = runPrefix(keep);
  const folder = mkdtempSync(join(tmpdir(), prefix));
  let isKept = false;
  try {
    const result = await body(folder, prefix);
    isKept = keep;
    return result;
  } finally {
    if (!isKept) rmSync(folder, { recursive: true });
  }
}
