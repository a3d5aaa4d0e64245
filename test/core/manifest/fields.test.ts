import { describe, expect, it } from 'vitest';
import {
  readChoice,
  readFields,
  readFlag,
  readInteger,
  readItems,
  readList,
  readText,
  unique,
} from '../../../src/core/manifest/fields.ts';
import { noFields, none } from '../../../src/core/manifest/value.ts';
import { newReport, said } from './fixtures.ts';

const port = { min: 1, max: 65_535, absent: 'absent' } as const;
const choice = { choices: ['TCP', 'UDP'], effect: 'the port is left out' } as const;

describe('absent and null', () => {
  it.each([{}, { x: null }, { x: undefined }])('%j is the default of the field', (fields) => {
    const report = newReport();
    expect(readText(report, fields, 'x', 'absent')).toBe('absent');
    expect(readChoice(report, fields, 'x', choice)).toBe('TCP');
    expect(readInteger(report, fields, 'x', port)).toBe('absent');
    expect(readFlag(report, fields, 'x', true)).toBe(true);
    expect(readFields(report, fields, 'x')).toBe(noFields);
    expect(readList(report, fields, 'x')).toBe(none);
    expect(said(report)).toEqual([]);
  });
});

describe('a wrong type', () => {
  it.each([
    ['readText', { x: 1 }, 'Expected a text, found the number 1'],
    ['readChoice', { x: 1 }, 'Expected one of TCP, UDP, found the number 1, so the port is left out'],
    ['readInteger', { x: '80' }, 'Expected a whole number, found the text "80"'],
    ['readFlag', { x: 'true' }, 'Expected true or false, found the text "true"'],
    ['readFields', { x: [] }, 'Expected an object, found a list'],
    ['readList', { x: {} }, 'Expected a list, found an object'],
  ])('is named: %s', (reader, fields, problem) => {
    const readers = {
      readText: (report: ReturnType<typeof newReport>) => readText(report, fields, 'x', ''),
      readChoice: (report: ReturnType<typeof newReport>) => readChoice(report, fields, 'x', choice),
      readInteger: (report: ReturnType<typeof newReport>) => readInteger(report, fields, 'x', port),
      readFlag: (report: ReturnType<typeof newReport>) => readFlag(report, fields, 'x', false),
      readFields: (report: ReturnType<typeof newReport>) => readFields(report, fields, 'x'),
      readList: (report: ReturnType<typeof newReport>) => readList(report, fields, 'x'),
    };
    const report = newReport();
    expect(readers[reader as keyof typeof readers](report)).toBeUndefined();
    expect(report.diagnostics).toMatchObject([{ code: 'wrong-type', field: 'x', problem }]);
  });

  it('asks to remove quotes only where quotes are the problem', () => {
    const report = newReport();
    readInteger(report, { x: '80' }, 'x', port);
    readInteger(report, { x: true }, 'x', port);
    expect(report.diagnostics.map(({ remedy }) => remedy)).toEqual([
      'Write a whole number here, without quotes',
      'Write a whole number here',
    ]);
  });
});

describe('readChoice', () => {
  it('takes the empty text for absent', () => {
    expect(readChoice(newReport(), { x: '' }, 'x', choice)).toBe('TCP');
  });

  it.each([
    ['udp', 'Write UDP, upper and lower case matter'],
    ['ICMP', 'Use one of TCP, UDP'],
  ])('%s: %s', (x, remedy) => {
    const report = newReport();
    expect(readChoice(report, { x }, 'x', choice)).toBeUndefined();
    expect(report.diagnostics).toMatchObject([{ code: 'value-unknown', remedy }]);
  });
});

describe('readInteger', () => {
  it.each([1, 80, 65_535])('takes %d', (x) => {
    expect(readInteger(newReport(), { x }, 'x', port)).toBe(x);
  });

  it('takes -0 for 0', () => {
    expect(Object.is(readInteger(newReport(), { x: -0 }, 'x', { ...port, min: 0 }), 0)).toBe(true);
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (x) => {
    const report = newReport();
    expect(readInteger(report, { x }, 'x', port)).toBeUndefined();
    expect(said(report)).toEqual(['error number-invalid x']);
  });
});

describe('readItems', () => {
  it('stands at each item and keeps what could be read', () => {
    const report = newReport();
    report.at.push('spec');
    const places: string[] = [];
    const items = readItems(report, { list: ['a', 7, 'b'] }, 'list', ({ at }, item, index) => {
      places.push(at.join('.'));
      return typeof item === 'string' ? `${item}${index}` : undefined;
    });
    expect(items).toEqual(['a0', 'b2']);
    expect(places).toEqual(['spec.list.0', 'spec.list.1', 'spec.list.2']);
    expect(report.at).toEqual(['spec']);
  });

  it('gives the shared empty list when nothing is left', () => {
    expect(readItems(newReport(), { list: [1] }, 'list', () => undefined)).toBe(none);
  });
});

describe('unique', () => {
  it('keeps the first of each', () => {
    expect(unique(['b', 'a', 'b'])).toEqual(['b', 'a']);
    expect(unique(none)).toBe(none);
  });
});
