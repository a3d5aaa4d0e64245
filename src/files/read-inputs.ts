/** Reads what `-f` names: files, directories of manifests, standard input. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Diagnostic } from '../core/diagnostics.ts';
import { fileDiagnostic } from './finding.ts';
import type { Source } from './source.ts';

export interface Inputs {
  readonly sources: readonly Source[];
  /** Inputs that could not be read: what they hold is unknown, so nothing can be compiled from the rest. */
  readonly unreadable: readonly Diagnostic[];
}

const stdinPath = '-';
const stdinName = '<stdin>';
const manifestName = /\.(?:ya?ml|json)$/i;

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
        const text = await attempt(name, () => readText(file));
        if ('problem' in text) unreadable.push(text);
        else sources.push({ name, index: sources.length, text: text.value });
      }
    }
  }
  return { sources, unreadable };
}

async function filesOf(path: string, recursive: boolean): Promise<readonly string[]> {
  if (path === stdinPath || !(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive });
  // Links to files count (mounted ConfigMaps are made of them); links to directories are not followed in circles.
  return entries
    .filter((entry) => !entry.isDirectory() && manifestName.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

async function readText(file: string): Promise<string> {
  const bytes = file === stdinPath ? await buffer(process.stdin) : await readFile(file);
  return decodeText(bytes);
}

export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

/** What the action gives, or why `name` could not be read. */
export async function attempt<T>(name: string, action: () => Promise<T>): Promise<{ readonly value: T } | Diagnostic> {
  try {
    return { value: await action() };
  } catch (error) {
    return unreadableInput(name, error);
  }
}

const tooLarge = ['it is too large to be one text', 'split it into several files'] as const;
const forbidden = ['reading it is not permitted', 'change its permissions, or run as a user who may read it'] as const;
const reasons: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOENT: ['there is no such file or directory', 'check the path'],
  EACCES: forbidden,
  EPERM: forbidden,
  ERR_ENCODING_INVALID_ENCODED_DATA: ['it is not UTF-8 text', 'give YAML or JSON in UTF-8'],
  ERR_STRING_TOO_LONG: tooLarge,
  ERR_FS_FILE_TOO_LARGE: tooLarge,
};

function unreadableInput(name: string, error: unknown): Diagnostic {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const [problem, remedy] = reasons[code] ?? [`it cannot be read (${message})`, 'give a file that can be read'];
  return fileDiagnostic(name, { code: 'input-unreadable', problem, remedy });
}

function emptyDirectory(path: string, recursive: boolean): Diagnostic {
  return fileDiagnostic(path, {
    code: 'input-unreadable',
    problem: `the directory holds no .yaml, .yml or .json file${recursive ? '' : ' of its own'}`,
    remedy: recursive ? 'check the path' : 'check the path, or add --recursive',
  });
}
