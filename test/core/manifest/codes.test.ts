import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestCodes } from '../../../src/core/manifest/codes.ts';
import { readManifest } from '../../../src/core/manifest/manifest.ts';
import { hostileList, hostileObjects } from '../../support/hostile/objects.ts';

const table = readFileSync(join(import.meta.dirname, '../../../docs/diagnostics-manifest.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** code → severities, from what the hostile objects really give. */
function severitiesGiven(): Map<string, Set<string>> {
  const given = new Map<string, Set<string>>();
  for (const hostile of hostileObjects) {
    for (const { code, severity } of readManifest(hostileList(hostile)).diagnostics) {
      given.set(code, (given.get(code) ?? new Set()).add(severity));
    }
  }
  return given;
}

describe('docs/diagnostics-manifest.md', () => {
  const given = severitiesGiven();

  it('lists every code once, in order, with its meaning', () => {
    const rows = table.map(([, code, , meaning]) => [code?.replaceAll('`', ''), meaning]);
    expect(rows).toEqual(Object.entries(manifestCodes));
    expect(rows.map(([code]) => code)).toEqual(Object.keys(manifestCodes).sort());
  });

  it('says what to do about each', () => {
    for (const [, , , , remedy] of table) expect(remedy).toMatch(/\w+/);
  });

  it('lists the severities that occur', () => {
    for (const [code, severities] of given) {
      const row = table.find(([, cell]) => cell === `\`${code}\``);
      expect(row?.[2]?.split(', '), code).toEqual(expect.arrayContaining([...severities]));
    }
  });

  it('has no code that nothing gives', () => {
    expect([...given.keys()].sort()).toEqual(Object.keys(manifestCodes));
  });
});
