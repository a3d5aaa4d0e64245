import { posix } from 'node:path';
import type { TextFile } from './files.ts';
import { importsOf } from './imports.ts';
import { lineOf, type Violation } from './violation.ts';

/** What a room of scripts or test may import of scripts and test. The first entry that a path begins with holds. */
const doors: readonly { readonly from: string; readonly to: readonly string[] }[] = [
  { from: 'scripts/lab/', to: ['scripts/lab/', 'scripts/bundle.ts'] },
  { from: 'scripts/quickstart-lib/', to: ['scripts/quickstart-lib/', 'scripts/lab/', 'scripts/lib/'] },
  { from: 'scripts/bench', to: ['scripts/bench/', 'scripts/lab/', 'scripts/lib/', 'scripts/bundle.ts'] },
  { from: 'scripts/mutation', to: ['scripts/mutation/', 'scripts/lab/', 'scripts/lib/'] },
  { from: 'scripts/', to: [] },
  { from: 'test/quickstart/', to: ['test/', 'scripts/lab/', 'scripts/quickstart-lib/'] },
  { from: 'test/scripts/', to: ['test/', 'scripts/'] },
  { from: 'test/', to: ['test/', 'scripts/lab/', 'scripts/bundle.ts'] },
];

/** Scripts never import tests. Both stand on the laboratory, and only a script's own tests import more of scripts. */
export function checkDoors(files: readonly TextFile[]): readonly Violation[] {
  return files.filter(({ path }) => path.endsWith('.ts')).flatMap(checkFile);
}

function checkFile(file: TextFile): readonly Violation[] {
  const allowed = doors.find(({ from }) => file.path.startsWith(from))?.to;
  if (allowed === undefined) return [];
  return importsOf(file)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .flatMap(({ specifier, offset }) => {
      const target = posix.join(posix.dirname(file.path), specifier);
      if (!/^(scripts|test)\//.test(target) || allowed.some((room) => target.startsWith(room))) return [];
      const message = `imports ${target}, which is not open to it (test/tidy/doors.ts)`;
      return [{ path: file.path, line: lineOf(file.text, offset), message }];
    });
}
