import { describe, expect, it } from 'vitest';
import { type NameSyntax, readName } from '../../../src/core/manifest/names.ts';
import { newReport, said } from './fixtures.ts';

function read(syntax: NameSyntax, name: unknown) {
  const report = newReport();
  const text = readName(report, { name }, 'name', { syntax, absent: 'absent' });
  return { text, said: said(report) };
}

const long = (length: number) => 'a'.repeat(length);

describe('readName', () => {
  it.each<[NameSyntax, string]>([
    ['label', 'a'],
    ['label', '0-a'],
    ['label', long(63)],
    ['subdomain', 'a.b-c.0'],
    ['subdomain', long(253)],
    ['labelValue', 'A_b.c-D'],
    ['labelValue', long(63)],
  ])('%s: %s', (syntax, name) => {
    expect(read(syntax, name)).toEqual({ text: name, said: [] });
  });

  it.each<[NameSyntax, string]>([
    ['label', '-a'],
    ['label', 'a-'],
    ['label', 'a.b'],
    ['label', 'A'],
    ['label', 'a\n'],
    ['label', long(64)],
    ['subdomain', 'a..b'],
    ['subdomain', 'a.-b'],
    ['subdomain', '.a'],
    ['subdomain', long(254)],
    ['labelValue', '_a'],
    ['labelValue', 'a b'],
    ['labelValue', long(64)],
  ])('not %s: %j', (syntax, name) => {
    expect(read(syntax, name)).toEqual({ text: undefined, said: ['error name-invalid name'] });
  });

  it.each([undefined, null, ''])('%j is absent', (name) => {
    expect(read('label', name)).toEqual({ text: 'absent', said: [] });
  });

  it('is a text', () => {
    expect(read('label', 7)).toEqual({ text: undefined, said: ['error wrong-type name'] });
  });
});
