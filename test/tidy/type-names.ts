import type { TextFile } from './files.ts';
import { lineOf, type Violation } from './violation.ts';

const declaration = /^export (?:declare |abstract )*(?:interface|type|class) (\w+)/gm;

/** Each exported type of src has a unique name. */
export function checkTypeNames(files: readonly TextFile[]): readonly Violation[] {
  const homes = new Map<string, string>();
  return files
    .filter(({ path }) => /^src\/.*\.ts$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(declaration)].flatMap(({ 1: name = '', index }) => {
        const home = homes.get(name);
        homes.set(name, home ?? path);
        if (home === undefined) return [];
        return [{ path, line: lineOf(text, index), message: `exports a type ${name}, as ${home} does` }];
      }),
    );
}
