import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TextFile {
  /** Relative to the repository root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const notOurs = new Set(['.git', 'node_modules', 'dist', 'coverage']);

/** Every text file below `root`, in the order of their paths. A file that holds a NUL byte is not text. */
export function readTree(root: string): readonly TextFile[] {
  const read = (folder: string): TextFile[] =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter(({ name }) => !notOurs.has(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) return read(path);
        return entry.isFile() ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : [];
      });
  return read('').filter(({ text }) => !text.includes('\0'));
}
