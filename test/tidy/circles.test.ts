import { expect, it } from 'vitest';
import { checkCircles } from './circles.ts';
import { file, show } from './samples.ts';

const importing = (path: string, ...specifiers: readonly string[]) =>
  file(path, specifiers.map((specifier) => `import { x } from '${specifier}';\n`).join(''));

it('files that import in one direction are no circle', () => {
  const tree = [
    importing('src/a.ts', './b.ts', './c.ts'),
    importing('src/b.ts', './c.ts', 'yaml'),
    importing('src/c.ts', './missing.ts'),
    importing('test/a.test.ts', '../src/a.ts', '../src/b.ts'),
  ];
  expect(checkCircles(tree)).toEqual([]);
});

it('two files that import each other are a circle, named once', () => {
  const tree = [importing('scripts/x/a.ts', './b.ts'), importing('scripts/x/b.ts', './a.ts')];
  expect(show(checkCircles(tree))).toEqual([
    'scripts/x/a.ts:1 imports itself by way of: scripts/x/a.ts, scripts/x/b.ts',
  ]);
});

it('type imports, re-exports and dynamic imports count', () => {
  const tree = [
    file('src/a.ts', "import type { B } from './b.ts';"),
    file('src/b.ts', "export * from './c.ts';"),
    file('src/c.ts', "type A = import('./a.ts').A;"),
  ];
  expect(show(checkCircles(tree))).toEqual([expect.stringContaining('src/a.ts, src/b.ts, src/c.ts')]);
});

it('a file that imports itself is a circle', () => {
  expect(checkCircles([importing('test/a.ts', './a.ts')])).toHaveLength(1);
});

it('circles are found beside each other, and behind files that are in none', () => {
  const tree = [
    importing('src/start.ts', './a.ts', './c.ts'),
    importing('src/a.ts', './b.ts'),
    importing('src/b.ts', './a.ts', './c.ts'),
    importing('src/c.ts', './d.ts'),
    importing('src/d.ts', './c.ts'),
  ];
  expect(checkCircles(tree).map(({ path }) => path)).toEqual(['src/a.ts', 'src/c.ts']);
});
