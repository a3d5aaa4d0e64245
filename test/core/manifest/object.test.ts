import { describe, expect, it } from 'vitest';
import { readObject } from '../../../src/core/manifest/object.ts';
import { complain } from '../../../src/core/manifest/report.ts';
import { said } from './fixtures.ts';

const read = (json: unknown) => readObject('Node', json, ['items', 4], () => 'read');

describe('readObject', () => {
  it.each([{}, { kind: 'Node' }, { apiVersion: 'v1', kind: 'Node' }, { apiVersion: null, kind: null }])(
    'takes %j for a Node',
    (json) => {
      expect(read(json)).toEqual({ object: 'read', diagnostics: [] });
    },
  );

  it.each([
    [null, 'error not-an-object'],
    [[], 'error not-an-object'],
    [{ kind: 'Service' }, 'error kind-mismatch kind'],
    [{ kind: 7 }, 'error kind-mismatch kind'],
    [{ apiVersion: 'v2' }, 'error api-version apiVersion'],
    [{ apiVersion: {} }, 'error api-version apiVersion'],
  ])('refuses %j: %s', (json, diagnostic) => {
    const result = read(json);
    expect(result).not.toHaveProperty('object');
    expect(said(result)).toEqual([diagnostic]);
  });

  it('gives neither object nor diagnostics for what is ignored', () => {
    expect(readObject('Node', {}, [], () => undefined)).toEqual({ diagnostics: [] });
  });

  it('starts paths where the object is', () => {
    const { diagnostics } = readObject('Node', { metadata: { name: 'a' } }, ['items', 4], (report) => {
      report.at.push('spec');
      complain(report, { code: 'field-missing', key: 'x', problem: 'p', remedy: 'r' });
    });
    expect(diagnostics).toEqual([
      {
        code: 'field-missing',
        severity: 'error',
        object: { kind: 'Node', name: 'a' },
        field: 'spec.x',
        problem: 'p',
        remedy: 'r',
        path: ['items', 4, 'spec', 'x'],
      },
    ]);
  });
});
