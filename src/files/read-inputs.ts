/** Reads what `-f` names: files, directories of manifests, standard input. */
import { stat } from 'node:fs/promises';
import process from 'node:process';
import type { Diagnostic } from '../core/diagnostics.ts';
import { fileDiagnostic } from '../documents/finding.ts';
import type { Source } from '../documents/source.ts';
import { listManifests } from './list-manifests.ts';
import { attempt, readStream, readText } from './read-text.ts';

export interface Inputs {
  readonly sources: readonly Source[];
  /** Inputs that could not be read: what they hold is unknown, so nothing can be compiled from the rest. */
  readonly unreadable: readonly Diagnostic[];
}

const stdinPath = '-';
const stdinName = '<stdin>';

/** Reads everything, in the order given; the files of a directory sorted by path. */
export async function readInputs(paths: readonly string[], recursive: boolean): Promise<Inputs> {
  const sources: Source[] = [];
  const unreadable: Diagnostic[] = [];
  for (const path of paths) {
    const files = await attempt(path, () => filesOf(path, recursive));
    if ('problem' in files) unreadable.push(files);
    else if (files.value.length === 0) unreadable.push(emptyDirectory(path, recursive));
    else {
      for (const file of files.value) {
        const name = file === stdinPath ? stdinName : file;
        const text = await attempt(name, () => (file === stdinPath ? readStream(process.stdin) : readText(file)));
        if ('problem' in text) unreadable.push(text);
        else sources.push({ name, index: sources.length, text: text.value });
      }
    }
  }
  return { sources, unreadable };
}

async function filesOf(path: string, recursive: boolean): Promise<readonly string[]> {
  if (path === stdinPath || !(await stat(path)).isDirectory()) return [path];
  return (await listManifests(path, recursive)).files;
}

function emptyDirectory(path: string, recursive: boolean): Diagnostic {
  return fileDiagnostic(path, {
    code: 'input-unreadable',
    problem: `the directory holds no .yaml, .yml or .json file${recursive ? '' : ' of its own'}`,
    remedy: recursive ? 'check the path' : 'check the path, or add --recursive',
  });
}
