import type { TextFile } from './files.ts';

export interface Import {
  readonly specifier: string;
  /** Where the statement's last keyword stands in the file's text. */
  readonly offset: number;
}

// `… from 'x'`, `import 'x'` and `import('x')`. Prettier matching is not needed: the formatter fixes the shape.
const importPattern = /(?:\bfrom|^\s*import|\bimport\()\s*(['"])([^'"\n]+)\1/gm;

/** What a file imports or re-exports, types included. */
export function importsOf({ text }: TextFile): readonly Import[] {
  return [...text.matchAll(importPattern)].map((match) => ({ specifier: match[2] ?? '', offset: match.index }));
}
