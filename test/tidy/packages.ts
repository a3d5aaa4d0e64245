import type { TextFile } from './files.ts';
import { importsOf } from './imports.ts';
import { lineOf, type Violation } from './violation.ts';

/** The only folder of src that may import a package, so that each can be replaced in one place. */
export const homes: Readonly<Record<string, string>> = {
  immer: 'src/core/snapshot/',
  '@kubernetes/client-node': 'src/kubernetes/',
  pino: 'src/observe/',
  'prom-client': 'src/observe/',
};

/** Packages stay in their home, and the core, which must be pure, imports nothing of Node. */
export function checkPackages(files: readonly TextFile[]): readonly Violation[] {
  return files
    .filter(({ path }) => /^src\/.*\.ts$/.test(path))
    .flatMap((file) =>
      importsOf(file).flatMap(({ specifier, offset }) => {
        const message = complaint(file.path, specifier);
        return message === undefined ? [] : [{ path: file.path, line: lineOf(file.text, offset), message }];
      }),
    );
}

function complaint(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) {
    return path.startsWith('src/core/') ? `the core imports ${specifier}` : undefined;
  }
  const home = homes[packageOf(specifier)];
  return home === undefined || path.startsWith(home) ? undefined : `only ${home} may import ${specifier}`;
}

/** `@scope/name/deep/path` → `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
