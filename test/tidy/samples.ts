import type { TextFile } from './files.ts';
import type { Violation } from './violation.ts';

/** A file of a made-up tree. */
export const file = (path: string, text = ''): TextFile => ({ path, text });

/** One line for each violation: `path:line message`. */
export const show = (violations: readonly Violation[]): readonly string[] =>
  violations.map(({ path, line, message }) => `${path}:${line} ${message}`);
