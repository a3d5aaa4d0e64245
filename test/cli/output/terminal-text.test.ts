import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terminalText } from '../../../src/cli/output/terminal-text.ts';
import { printableLines } from '../../../src/observe/safe-text.ts';

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

  it('cuts what is long, and says so', () => {
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
  it('changes how strings are written, not what they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = printableLines(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
