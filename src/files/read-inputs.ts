/** Reads what `-f` names: files, directories of manifests, standard input. */
import { stat } from 'node:fs/promises';
import process from 'node:process';
import type { Diagnostic } from '../core/diagnostics.ts';
import { fileDiagnostic } from '../documents/finding.ts';
import type { Source } from '../documents/source.ts';
import { listManifests } from './list-manifests.ts';
import { attempt, readStream, readText, readTextIn } from './read-text.ts';

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
    const inputs = await attempt(path, () => inputsAt(path, recursive));
    if ('problem' in inputs) unreadable.push(inputs);
    else if (inputs.value.length === 0) unreadable.push(emptyDirectory(path, recursive));
    else {
      for (const { name, read } of inputs.value) {
        const text = await attempt(name, read);
        if ('problem' in text) unreadable.push(text);
        else sources.push({ name, index: sources.length, text: text.value });
      }
    }
  }
  return { sources, unreadable };
}

interface NamedInput {
  readonly name: string;
  readonly read: () => Promise<string>;
}

/** What is named directly is read wherever it leads; in a directory, only what is in it. */
async function inputsAt(path: string, recursive: boolean): Promise<readonly NamedInput[]> {
  if (path === stdinPath) return [{ name: stdinName, read: () => readStream(process.stdin) }];
  if (!(await stat(path)).isDirectory()) return [{ name: path, read: () => readText(path) }];
  const { root, files } = await listManifests(path, recursive);
  return files.map((file) => ({ name: file, read: () => readTextIn(root, file) }));
}

function emptyDirectory(path: string, recursive: boolean): Diagnostic {
  return fileDiagnostic(path, {
    code: 'input-unreadable',
    problem: `the directory holds no .yaml, .yml or .json file${recursive ? '' : ' of its own'}`,
    remedy: recursive ? 'check the path' : 'check the path, or add --recursive',
  });
}
