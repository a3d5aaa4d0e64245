/** The program under test as users have it: the bundle that the image holds. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../bundle.ts';
import { root } from './rules.ts';

/** Gives the program's path. It looks for package.json two folders up, at its own version. */
export async function makeProgram(folder: string): Promise<string> {
  const { program } = await bundle(join(folder, 'dist/bundle'));
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  return program;
}
