import { describe, expect, it } from 'vitest';
import { describeValue, get, isFields, textIn } from '../../../src/core/manifest/value.ts';

describe('get', () => {
  it('sees own fields only', () => {
    expect(get({ a: 1 }, 'a')).toBe(1);
    expect(get({}, 'toString')).toBeUndefined();
    expect(get(Object.create({ a: 1 }), 'a')).toBeUndefined();
    expect(get(JSON.parse('{"__proto__": {"a": 1}}'), 'a')).toBeUndefined();
    expect(get(Object.assign(Object.create(null), { a: 1 }), 'a')).toBe(1);
  });

  it('takes null for absent, but not other empty values', () => {
    expect([get({ a: null }, 'a'), get({ a: 0 }, 'a'), get({ a: '' }, 'a'), get({ a: false }, 'a')]).toEqual([
      undefined,
      0,
      '',
      false,
    ]);
  });
});

describe('isFields', () => {
  it.each([
    [{}, true],
    [[], false],
    [null, false],
    ['', false],
    [() => 1, false],
  ])('%s: %s', (value, expected) => {
    expect(isFields(value)).toBe(expected);
  });
});

describe('textIn', () => {
  it('finds text, or nothing', () => {
    expect([textIn({ a: 'b' }, 'a'), textIn({ a: 1 }, 'a'), textIn(null, 'a')]).toEqual(['b', '', '']);
  });
});

describe('describeValue', () => {
  it.each([
    ['80', 'the text "80"'],
    [1.5, 'the number 1.5'],
    [Number.NaN, 'the number NaN'],
    [true, 'true'],
    [null, 'nothing'],
    [undefined, 'nothing'],
    [[1], 'a list'],
    [{ a: 1 }, 'an object'],
    [1n, 'a bigint'],
  ])('%s is %s', (value, description) => {
    expect(describeValue(value)).toBe(description);
  });
});
