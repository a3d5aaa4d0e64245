/** The names of a run: its temporary folder, and how the names of all its namespaces begin. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Every namespace is called `<prefix><run's pid>-<what it is>`. */
export const prefix = 'rw-quickstart-';
/** A prefix of their own keeps them out of the clean-up of left-overs. */
export const keptPrefix = 'rw-kept-quickstart-';

/** `body` gets the folder, and what all names of the run begin with. What is to be kept is kept unless it fails. */
export async function withRunFolder<T>(
  keep: boolean,
  body: (folder: string, prefix: string) => Promise<T>,
): Promise<T> {
  const ofRun = `${keep ? keptPrefix : prefix}${process.pid}-`;
  const folder = mkdtempSync(join(tmpdir(), ofRun));
  let isKept = false;
  try {
    const result = await body(folder, ofRun);
    isKept = keep;
    return result;
  } finally {
    if (!isKept) rmSync(folder, { recursive: true });
  }
}
