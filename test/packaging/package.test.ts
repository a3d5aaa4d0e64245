import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const locked: Readonly<Record<string, LockedPackage>> = read('package-lock.json').packages;

it('names as its command a file that the build makes', () => {
  const source = read('package.json').bin.rulewright.replace(/^dist\/(.*)\.js$/, 'src/$1.ts');
  expect(existsSync(join(root, source))).toBe(true);
});

it('locks a hash for every package, and no registry', () => {
  const downloaded = Object.entries(locked).filter(([path, { link }]) => path.startsWith('node_modules/') && !link);
  expect(downloaded.length).toBeGreaterThan(50);
  expect(downloaded.filter(([, { integrity }]) => !integrity).map(([path]) => path)).toEqual([]);
  expect(downloaded.filter(([, { resolved }]) => resolved).map(([path]) => path)).toEqual([]);
});

it('locks the packages of all platforms, so that npm ci works on each', () => {
  const wanted = Object.values(locked).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
  expect(wanted.filter((name) => locked[`node_modules/${name}`] === undefined)).toEqual([]);
});

it('runs its scripts on the Node of scripts/node', () => {
  const { version, optionalDependencies } = read('scripts/node/package.json');
  expect(new Set(Object.values(optionalDependencies))).toEqual(new Set([version]));
  expect(existsSync(join(root, 'node_modules/.bin/node'))).toBe(true);
  expect(process.version).toBe(`v${version}`);
});
