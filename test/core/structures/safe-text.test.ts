import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nameText,
  printableLines,
  printableValue,
  quote,
  terminalText,
} from '../../../src/core/structures/safe-text.ts';

describe('terminalText', () => {
  it.each([
    ['plain text', 'plain text'],
    ['Grüße, 世界', 'Grüße, 世界'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
    ['\u001b[2J', '\\u{1b}[2J'],
    ['\u009b31m', '\\u{9b}31m'],
    ['web\u202egpj', 'web\\u{202e}gpj'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\u{d800}'],
  ])('shows %j as %j', (text, wanted) => {
    expect(terminalText(text)).toBe(wanted);
  });

  it('cuts a long text, and marks the cut', () => {
    expect(terminalText('x'.repeat(10_000_000), 5)).toBe('xxxxx… (10000000 characters)');
  });

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(terminalText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('JSON for a terminal', () => {
  it('changes how strings are written, not their values', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = printableLines(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('printableValue', () => {
  it('escapes non-ASCII characters in texts and keys at any depth', () => {
    expect(printableValue({ 'a\u001b': ['x\u202ey', { b: '\u{1f600}' }], n: 1, no: undefined })).toEqual({
      'a\\u{1b}': ['x\\u{202e}y', { b: '\\u{1f600}' }],
      n: 1,
      no: undefined,
    });
  });

  it('cuts very long texts', () => {
    expect(printableValue('x'.repeat(5000))).toMatch(/^x{4000}\.\.\. \(5000 characters\)$/);
  });
});

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
