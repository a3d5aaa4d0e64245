import { describe, expect, it } from 'vitest';
import type { JsonPath } from '../../src/core/structures/json-path.ts';
import { lineText, positionAt } from '../../src/documents/source.ts';
import { parseYaml } from '../../src/documents/yaml.ts';

const source = (text: string) => ({ name: 'x.yaml', index: 0, text });
const values = (text: string) => parseYaml(source(text)).documents.map(({ value }) => value);
const problems = (text: string) => {
  const parsed = source(text);
  return parseYaml(parsed).findings.map(({ diagnostic, place }) => {
    const { line, column } = positionAt(parsed, place?.offset ?? -1);
    return `${line}:${column} ${diagnostic.problem.replace('this document cannot be parsed: ', '')}`;
  });
};

describe('documents', () => {
  it.each<[string, string, readonly unknown[]]>([
    ['several', 'a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['empty ones, which do not count', '---\n# only a comment\n---\n---\na: 1\n---\n', [{ a: 1 }]],
    ['none', '# nothing\n', []],
    ['an end marker', 'a: 1\n...\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['a directive', '%YAML 1.1\n---\na: yes\n---\nb: 2\n', [{ a: 'yes' }, { b: 2 }]],
    ['Windows line ends', 'a: 1\r\n---\r\nb: 2\r\n', [{ a: 1 }, { b: 2 }]],
    ['--- within a line', 'a: x --- y\nb: |\n  ---\n', [{ a: 'x --- y', b: '---\n' }]],
    ['merge keys', 'a: &a { x: 1 }\nb: { <<: *a, y: 2 }\n', [{ a: { x: 1 }, b: { x: 1, y: 2 } }]],
    ['a time as text', 'at: 2026-01-01T00:00:00Z\n', [{ at: '2026-01-01T00:00:00Z' }]],
  ])('reads %s', (_, text, wanted) => {
    expect(values(text)).toEqual(wanted);
    expect(problems(text)).toEqual([]);
  });

  it.each<[string, string, string]>([
    [
      'a list without end',
      'a: [1,\n',
      '3:6 Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a text without end', 'a: "x\n', '3:5 Missing closing "quote'],
    ['a key twice', 'a: 1\na: 2\n', '4:1 Map keys must be unique'],
    ['an alias of nothing', 'a: *b\n', '2:1 Unresolved alias (the anchor must be set before the alias)'],
    ['aliases that multiply', bomb(), '2:1 Excessive alias count indicates a resource exhaustion attack'],
  ])('leaves out %s alone', (_, broken, problem) => {
    const text = `first: 1\n---\n${broken}---\nlast: 3\n`;
    expect(values(text)).toEqual([{ first: 1 }, { last: 3 }]);
    // Errors about the whole document are at the `---` that begins it.
    expect(problems(text)).toEqual([problem]);
  });

  it('survives nesting without end', () => {
    expect(problems(`a: ${'['.repeat(50_000)}`)[0]).toMatch(/ it is nested too deeply$/);
  });
});

describe('locate', () => {
  const text =
    '# comment\n---\na: 1\nspec:\n  ports:\n    - name: x\n      port: 80\n    - *p\nempty:\nanchor: &p { port: 81 }\n';
  const parsed = source(text.replace('    - *p\n', '    - &q { port: 82 }\n    - *q\n'));
  const [document] = parseYaml(parsed).documents;
  const at = (path: JsonPath): string => {
    const { offset, exact } = document?.locate(path) ?? { offset: 0, exact: false };
    const { line, column } = positionAt(parsed, offset);
    return `${exact ? '' : 'near '}${line}:${column} ${lineText(parsed, line).slice(column - 1)}`;
  };

  it.each<[JsonPath, string]>([
    [['a'], '3:4 1'],
    [['spec'], '4:1 spec:'],
    [['spec', 'ports'], '5:3 ports:'],
    [['spec', 'ports', 0], '6:7 name: x'],
    [['spec', 'ports', 0, 'port'], '7:13 80'],
    [['spec', 'ports', 2, 'port'], '8:18 82 }'],
    [['spec', 'ports', 0, 'missing'], 'near 6:7 name: x'],
    [['spec', 'missing', 3, 'x'], 'near 4:1 spec:'],
    [['empty'], '10:1 empty:'],
    [['nothing'], 'near 3:1 a: 1'],
  ])('finds %j', (path, wanted) => {
    expect(at(path)).toBe(wanted);
  });
});

function bomb(): string {
  const names = 'abcdefghijklmnopqrst'.split('');
  const lines = names.map((name, i) => {
    const previous = names[i - 1];
    return previous === undefined ? `${name}: &${name} [x, x]` : `${name}: &${name} [*${previous}, *${previous}]`;
  });
  return `${lines.join('\n')}\n`;
}

describe('what takes long to read', () => {
  const lines = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const msOf = (text: string): number => {
    const startedAt = performance.now();
    problems(text);
    return performance.now() - startedAt;
  };

  it.each([
    ['a block map', (count: number) => lines(count, (i) => `k${i}: v`)],
    ['a flow map', (count: number) => `{${lines(count, (i) => `k${i}: v,`)}}`],
    ['written-out keys', (count: number) => lines(count, (i) => `? k${i}\n: v`)],
  ])('%s takes time that grows with its size', (_, text) => {
    msOf(text(5000));
    const [few, many] = [msOf(text(5000)), msOf(text(40_000))];
    // Eight times as many; compared with each other they would take sixty-four times as long.
    expect(many).toBeLessThan(few * 25 + 1000);
  });

  it('finds the second of two equal keys among many', () => {
    const text = `${lines(20_000, (i) => `k${i}: v`)}\nk7: v\n`;
    expect(problems(text)).toEqual(['20001:1 Map keys must be unique']);
  });

  it('leaves out a document that merges a large map again and again', () => {
    const text = `a: &a\n${lines(5000, (i) => `  k${i}: v`)}\n${lines(900, (i) => `m${i}: {<<: *a}`)}`;
    expect(problems(text)).toEqual(['5022:7 More than 100000 keys by merging (<<)']);
    const links = lines(200, (i) => `a${i + 1}: &a${i + 1} {<<: *a${i}}`);
    expect(problems(`a0: &a0 {${lines(1000, (i) => `k${i}: v,`)}}\n${links}`)).toHaveLength(1);
    expect(problems('a: &a {x: 1}\nb: {<<: *a}\nc: {<<: [*a, {y: 2}]}')).toEqual([]);
  });
});
