import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkBans } from './bans.ts';
import { readTree } from './files.ts';
import { checkFloors, floors } from './floors.ts';
import { checkPackages, homes } from './packages.ts';
import { rules } from './rules.ts';
import { file, show } from './samples.ts';
import { checkSizes, maxFileLines, maxLineLength, maxMedianLines } from './sizes.ts';
import { checkState } from './state.ts';

describe('the tree', () => {
  const tree = readTree(join(import.meta.dirname, '../..'));

  it('is read completely', () => {
    expect(tree.map(({ path }) => path)).toEqual(expect.arrayContaining(['package.json', 'test/tidy/tidy.test.ts']));
    expect(tree.some(({ path }) => path.startsWith('node_modules/') || path.startsWith('.git/'))).toBe(false);
  });

  it.each(Object.entries(rules))('%s', (_, check) => {
    expect(show(check(tree))).toEqual([]);
  });
});

describe('floors', () => {
  const importing = (path: string, specifier: string) =>
    show(checkFloors([file(path, `import { x } from '${specifier}';`)]));

  it.each([
    ['src/core/plan/pools.ts', './endpoints.ts', 'the same room'],
    ['src/core/plan/pools.ts', '../model/plan.ts', 'a floor below'],
    ['src/core/compiler.ts', './iptables/lower.ts', 'a floor below'],
    ['src/host/exec.ts', '../clock.ts', 'a floor below'],
    ['src/cli/commands/trace.ts', '../../core/model/plan.ts', 'from a folder inside a room'],
    ['src/core/plan/pools.ts', 'yaml', 'a package'],
    ['test/plan/pools.test.ts', '../../src/cli/rulewright.ts', 'not in src'],
  ])('%s may import %s (%s)', (path, specifier) => {
    expect(importing(path, specifier)).toEqual([]);
  });

  it.each([
    ['src/core/model/plan.ts', '../diagnostics.ts', 'a sibling'],
    ['src/core/manifest/read.ts', '../snapshot/snapshot.ts', 'a sibling'],
    ['src/core/plan/pools.ts', '../snapshot/snapshot.ts', 'a sibling'],
    ['src/core/iptables/lower.ts', '../nftables/lower.ts', 'a sibling'],
    ['src/core/compiler.ts', './trace/plan.ts', 'a sibling'],
    ['src/host/exec.ts', '../observe/log.ts', 'a sibling'],
    ['src/configuration/x.ts', '../files/x.ts', 'a sibling'],
    ['src/core/model/plan.ts', '../plan/pools.ts', 'which is above it, on floor 2'],
    ['src/core/compiler.ts', '../host/exec.ts', 'which is above it, on floor 8'],
    ['src/core/compiler.ts', '../clock.ts', 'which is above it, on floor 7'],
    ['src/daemon/loop.ts', '../cli/rulewright.ts', 'which is above it, on floor 10'],
    ['src/cli/rulewright.ts', '../../test/support/x.ts', 'which stands on no floor'],
  ])('%s may not import %s', (path, specifier, reason) => {
    expect(importing(path, specifier)).toEqual([expect.stringContaining(reason)]);
  });

  it('finds every form of import, with its line', () => {
    const forms = ["import '../cli/a.ts';", "export * from '../cli/b.ts';", "type C = import('../cli/c.ts').C;"];
    const wrapped = "import type {\n  D,\n} from '../cli/d.ts';";
    const violations = checkFloors([file('src/host/x.ts', [...forms, wrapped].join('\n'))]);
    expect(violations.map(({ line }) => line)).toEqual([1, 2, 3, 6]);
  });

  it('require a floor for every source file', () => {
    expect(show(checkFloors([file('src/util.ts', '')]))).toEqual([expect.stringContaining('stands on no floor')]);
    expect(checkFloors([file('src/README.md', "from '../cli/x.ts'")])).toEqual([]);
  });

  it('name each room once', () => {
    expect(new Set(floors.flat()).size).toBe(floors.flat().length);
  });
});

describe('packages', () => {
  it.each(Object.entries(homes))('%s is imported in %s only', (name, home) => {
    const text = `import { x } from '${name}';\nimport { y } from '${name}/deep';`;
    const inside = home.endsWith('/') ? `${home}x.ts` : home;
    expect(checkPackages([file(inside, text)])).toEqual([]);
    expect(checkPackages([file('src/cli/x.ts', text)]).map(({ line }) => line)).toEqual([1, 2]);
    expect(checkPackages([file('test/x.test.ts', text)])).toEqual([]);
  });

  it('are free to be imported anywhere when they have no home', () => {
    expect(checkPackages([file('src/cli/x.ts', "import { parse } from 'yaml';")])).toEqual([]);
  });

  it('of Node stay out of the core', () => {
    const text = "import { readFile } from 'node:fs/promises';";
    expect(show(checkPackages([file('src/core/plan/x.ts', text)]))).toEqual([expect.stringContaining('node:fs')]);
    expect(checkPackages([file('src/cli/x.ts', text)])).toEqual([]);
  });
});

describe('sizes', () => {
  const ofLines = (count: number) => 'x\n'.repeat(count);

  it('limit a line', () => {
    expect(checkSizes([file('src/a.ts', '→'.repeat(maxLineLength))])).toEqual([]);
    expect(checkSizes([file('test/a.ts', `\n${'x'.repeat(maxLineLength + 1)}`)]).map(({ line }) => line)).toEqual([2]);
    expect(checkSizes([file('golden/a.txt', 'x'.repeat(maxLineLength + 1))])).toEqual([]);
  });

  it('limit a file', () => {
    expect(checkSizes([file('scripts/a.ts', ofLines(maxFileLines))])).toEqual([]);
    expect(checkSizes([file('scripts/a.ts', ofLines(maxFileLines + 1))])).toHaveLength(1);
  });

  it('limit the median over src', () => {
    const sources = (...counts: number[]) => counts.map((count, index) => file(`src/${index}.ts`, ofLines(count)));
    expect(checkSizes(sources(1, maxMedianLines, maxMedianLines + 1))).toEqual([]);
    expect(show(checkSizes(sources(1, maxMedianLines + 1, maxMedianLines + 2)))).toEqual([
      expect.stringContaining('median'),
    ]);
    expect(checkSizes([])).toEqual([]);
  });
});

describe('state', () => {
  it.each([
    'let count = 0;',
    'export let last: Plan | undefined;',
    'const memos = new WeakMap<Plan, string>();',
    'const memos: Readonly<Record<IpFamily, WeakMap<Plan, string>>> = {\n  IPv4: new WeakMap(),\n};',
    'const known = new Map<string, Plan>();',
    'const known: Map<string, Plan> = new Map();',
    "const words = new Set(['a', 'b']);",
    'const seen: string[] = [];',
    'const seen = [];',
    'const counts: Record<string, number> = {};',
    'export const memory = emptyPlanMemory();',
    'const memory = { plan: emptyPlanMemory(), rules: emptyRulesMemory() };',
  ])('of a module of the core is found: %s', (text) => {
    const found = checkState([file('src/core/plan/x.ts', `import { x } from './y.ts';\n\n${text}\n`)]);
    expect(found.map(({ line }) => line)).toEqual([3]);
    expect(checkState([file('src/core/structures/memoize.ts', text), file('src/daemon/x.ts', text)])).toEqual([]);
  });

  it.each([
    "const words: ReadonlySet<string> = new Set(['a', 'b']);",
    'const noSlices: SlicesOfService = new Map();',
    'const tables: ReadonlyMap<string, number> = new Map([\n  [1, 2],\n]);',
    'const nothing: readonly string[] = [];',
    'const empty: Readonly<Record<string, string>> = {};',
    "const priorities = { filter: 0 };\nconst names = ['a', 'b'] as const;",
    'const textOf = memoize((chain: Chain) => {\n  const seen = new Set();\n  return seen;\n});',
    'const index = (plan: Plan): Index => {\n  const known = new WeakMap();\n  let count = 0;\n};',
    'export function emptyMemory() {\n  const claims = new WeakMap();\n  let last;\n  return { claims, last };\n}',
  ])('is not: %s', (text) => {
    expect(show(checkState([file('src/core/plan/x.ts', text)]))).toEqual([]);
  });
});

describe('bans', () => {
  const machine = (folder: string) => `/${folder}`;

  it.each([
    ['src/cli/x.ts', 'const x = y as any;'],
    ['src/cli/x.ts', '// @ts-ignore'],
    ['src/cli/x.ts', '// biome-ignore lint: reasons'],
    ['test/x.test.ts', "it.skip('works', () => {});"],
    ['test/x.test.ts', "describe.only('it', () => {});"],
    ['test/x.test.ts', "it.todo('works');"],
    ['scripts/test', '# TODO later'],
    ['vitest.config.ts', '// FIXME'],
    ['src/cli/x.ts', 'export const enum Table {'],
    ['src/cli/x.ts', 'export default x;'],
    ['src/core/plan/x.ts', 'export class Planner {'],
    ['src/core/plan/x.ts', 'const Planner = class {'],
    ['src/core/plan/x.ts', 'const pick = Math.random();'],
    ['src/core/plan/x.ts', 'const now = Date.now();'],
    ['src/core/plan/x.ts', 'const now = new Date();'],
    ['src/core/iptables/x.ts', 'if (service.externalTrafficPolicy) {'],
    ['src/core/nftables/x.ts', '// the endpoints that are ready'],
    ['src/core/nftables/x.ts', 'endpoint.serving'],
    ['src/core/iptables/x.ts', 'slice.hints'],
    ['docs/x.md', `see ${machine('root')}/x`],
    ['golden/x.txt', machine('work')],
    ['README.md', `cd '${machine('work')}/main'`],
    ['README.md', `file://${machine('root')}/x`],
  ])('find, in %s, %s', (path, text) => {
    expect(show(checkBans([file(path, `fine\n${text}\n`)]))).toEqual([expect.stringContaining(`${path}:2 `)]);
  });

  it.each([
    ['src/cli/x.ts', '// the same as any other packet'],
    ['src/core/plan/x.ts', '// this class of packets, and enum too'],
    ['src/core/plan/x.ts', 'const ready = endpoint.ready;'],
    ['src/core/iptables/x.ts', '// it is already there'],
    ['src/cli/x.ts', 'export class UsageError extends Error {'],
    ['src/cli/x.ts', 'const start = Date.now();'],
    ['vitest.config.ts', 'export default config;'],
    ['docs/x.md', 'TODO lists, .skip( and enum in prose'],
    ['README.md', 'cd docs/work && cp x y/root && curl https://example.com/work && ls $dir/root'],
  ])('let stand, in %s, %s', (path, text) => {
    expect(show(checkBans([file(path, text)]))).toEqual([]);
  });
});
