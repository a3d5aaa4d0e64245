import { describe, expect, it } from 'vitest';
import { describeValue, nameText, quote } from '../../../src/core/manifest/quote.ts';

describe('quote', () => {
  it.each([
    ['web', '"web"'],
    ['', '""'],
    ['say "hi" \\', '"say \\"hi\\" \\\\"'],
    ['a\nb\tc\0', '"a\\nb\\u0009c\\u0000"'],
    ['\u202e\u200b\u0435\u001b[2J', '"\\u202e\\u200b\\u0435\\u001b[2J"'],
    ['\u{1f600}', '"\\ud83d\\ude00"'],
    ['a'.repeat(60), `"${'a'.repeat(60)}"`],
    ['a'.repeat(61), `"${'a'.repeat(60)}..." (61 characters)`],
  ])('%j', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
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

describe('nameText', () => {
  it.each([
    ['web', 'web'],
    ['"; flush', '"; flush'],
    ['a'.repeat(253), 'a'.repeat(253)],
    ['a'.repeat(254), `${'a'.repeat(60)}...`],
    ['web\n', 'web\\n'],
  ])('%j', (name, shown) => {
    expect(nameText(name)).toBe(shown);
  });
});
