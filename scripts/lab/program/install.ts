/** The program under test as users have it: the bundle that the image holds. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../bundle.ts';

/** The repository, with a slash at the end. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Bundled once in a process. */
let bundled: Promise<Buffer> | undefined;

/** Gives the program's path in the folder. It looks for package.json two folders up, at its own version. */
export async function installProgram(folder: string): Promise<string> {
  const program = join(folder, 'dist/bundle/rulewright.js');
  bundled ??= bundle(dirname(program)).then(() => readFileSync(program));
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, await bundled);
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  return program;
}
