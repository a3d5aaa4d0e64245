import { expect, it } from 'vitest';
import { formatTotals, type Report, totals } from '../../scripts/lib/totals.ts';

/** One letter a test: p passed, f failed, s skipped. */
function report(success: boolean, ...files: readonly [status: string, tests: string][]): Report {
  const statuses: Readonly<Record<string, string>> = { p: 'passed', f: 'failed', s: 'skipped' };
  const testResults = files.map(([status, tests], index) => ({
    name: `${index}.test.ts`,
    status,
    assertionResults: [...tests].map((letter) => ({ status: statuses[letter] ?? letter })),
  }));
  return { success, testResults };
}

it.each([
  ['tests', report(false, ['passed', 'ppp'], ['failed', 'pff']), '4 passed, 2 failed'],
  ['a file that did not load as a failure', report(false, ['passed', 'p'], ['failed', '']), '1 passed, 1 failed'],
  ['a hook that threw after its tests as a failure', report(false, ['failed', 'pp']), '2 passed, 1 failed'],
  ['an error outside of every file as a failure', report(false, ['passed', 'p']), '1 passed, 1 failed'],
  ['tests that did not run apart', report(true, ['passed', 'pss']), '2 tests did not run\n1 passed, 0 failed'],
])('counts %s', (_, input, line) => {
  expect(formatTotals(totals(input))).toBe(line);
});
