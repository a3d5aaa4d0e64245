import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonPath } from '../../src/core/structures/json-path.ts';
import { jsonLocator, parseJson } from '../../src/documents/json.ts';

const source = (text: string) => ({ name: 'x.json', index: 0, text });

describe('parseJson', () => {
  it('reads objects and lists', () => {
    expect(parseJson(source(' {"a": 1}\n'))?.value).toEqual({ a: 1 });
    expect(parseJson(source('[1]'))?.value).toEqual([1]);
  });

  it.each(['', 'a: 1', '{a: 1}', '{"a": 1', '{"a": 1}\n{"b": 2}', '"text"', '1'])('leaves %j to YAML', (text) => {
    expect(parseJson(source(text))).toBeUndefined();
  });
});

describe('jsonLocator', () => {
  const text = '{"a": {"b\\"": [10, {"c": "x,]}"}, true]}, "d": null, "d": [] }';
  const at = (path: JsonPath): string => {
    const { offset, exact } = jsonLocator(text)(path);
    return `${exact ? '' : 'near '}${text.slice(offset, offset + 4)}`;
  };

  it.each<[JsonPath, string]>([
    [[], '{"a"'],
    [['a'], '"a":'],
    [['a', 'b"'], '"b\\"'],
    [['a', 'b"', 0], '10, '],
    [['a', 'b"', 1], '{"c"'],
    [['a', 'b"', 1, 'c'], '"x,]'],
    [['a', 'b"', 2], 'true'],
    [['d'], '"d":'],
    [['a', 'missing', 'deeper'], 'near "a":'],
    [['a', 'b"', 9], 'near "b\\"'],
    [['a', 'b"', 0, 'x'], 'near 10, '],
  ])('finds %j', (path, wanted) => {
    expect(at(path)).toBe(wanted);
  });

  it('finds the last of two fields with one name, the one that counts', () => {
    expect(jsonLocator('{"d": 1, "d": 2}')(['d']).offset).toBe(14);
  });

  it('finds every plain value of any JSON, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\n\t'), (value, space) => {
        const json = JSON.stringify(value, null, space);
        const locate = jsonLocator(json);
        for (const [path, plain] of plainValues(value)) {
          const { offset, exact } = locate(path);
          expect(exact).toBe(true);
          expect(json.startsWith(JSON.stringify(plain), offset)).toBe(true);
        }
      }),
    );
  });
});

function plainValues(value: unknown, path: JsonPath = []): readonly (readonly [JsonPath, unknown])[] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => plainValues(inner, [...path, key]));
}
