import { describe, expect, it } from 'vitest';
import { complain, finishReport, type Report } from '../../../src/core/manifest/report.ts';
import { none } from '../../../src/core/manifest/value.ts';
import { newReport, said } from './fixtures.ts';

const problem = { code: 'wrong-type', problem: 'p', remedy: 'r' } as const;

function complainTimes(report: Report, times: number): void {
  for (let index = 0; index < times; index += 1) complain(report, { ...problem, key: index });
}

describe('complain', () => {
  it('names the current place, or one below it', () => {
    const report = newReport();
    report.at.push('spec', 'ports', 1);
    complain(report, problem);
    complain(report, { ...problem, key: 'port', severity: 'warning' });
    report.at.length = 0;
    complain(report, problem);
    expect(said(report)).toEqual([
      'error wrong-type spec.ports[1]',
      'warning wrong-type spec.ports[1].port',
      'error wrong-type',
    ]);
    expect(report.diagnostics.map(({ path }) => path)).toEqual([
      ['spec', 'ports', 1],
      ['spec', 'ports', 1, 'port'],
      [],
    ]);
  });

  it('names an item instead, with fields from there', () => {
    const report = newReport();
    report.at.push('items', 3);
    complain(report, { ...problem, key: 'kind' }, { kind: 'object', name: 'items[3]' });
    expect(report.diagnostics).toMatchObject([
      { object: { name: 'items[3]' }, field: 'kind', path: ['items', 3, 'kind'] },
    ]);
  });
});

describe('finishReport', () => {
  it('gives the shared empty list', () => {
    expect(finishReport(newReport())).toBe(none);
  });

  it('shows 20, and all that must be seen', () => {
    const report = newReport();
    complainTimes(report, 20);
    expect(finishReport(report)).toHaveLength(20);
    complainTimes(report, 5);
    complain(report, { ...problem, severity: 'warning' });
    complain(report, { ...problem, code: 'cluster-ip-missing', always: true });
    const diagnostics = finishReport(report);
    expect(diagnostics).toHaveLength(22);
    expect(diagnostics.slice(20)).toMatchObject([
      { code: 'cluster-ip-missing' },
      {
        code: 'more-problems',
        severity: 'error',
        problem: '6 more problems of this object are not shown, 5 of them errors',
      },
    ]);
  });
});
