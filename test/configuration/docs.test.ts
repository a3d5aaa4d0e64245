import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fieldPaths } from '../../src/configuration/fields.ts';
import { flags } from '../../src/configuration/flags.ts';
import { fieldRow, flagRow } from './documented.ts';

const lines = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8').split('\n');
const sections = lines.join('\n').split(/^## /m);
const rowsOf = (title: string): readonly string[] =>
  (sections.find((section) => section.startsWith(`${title}\n`)) ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'));

it.each(fieldPaths.map((path, index) => ({ path, index })))(
  'docs/configuration.md says what comes of $path',
  ({ path, index }) => {
    expect(rowsOf('Fields')[index]).toContain(fieldRow(path));
  },
);

it.each(flags.map((flag, index) => ({ flag, index })))(
  'docs/configuration.md says what comes of --$flag.name',
  ({ flag, index }) => {
    expect(rowsOf('Flags')[index]).toContain(flagRow(flag));
  },
);

it('docs/configuration.md knows no others', () => {
  expect([rowsOf('Fields').length, rowsOf('Flags').length]).toEqual([fieldPaths.length, flags.length]);
});
