/** Counts the tests in the report of vitest, for scripts/lib/count.sh. */
import { readFileSync } from 'node:fs';

/** What is read of the file that vitest's json reporter writes. */
export interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  /** Tests that did not run: not part of either number, so they are told. */
  readonly left: number;
}

/** A file that fails outside of its tests (it does not load, a hook throws) counts as one failed test. */
export function totals({ success, testResults }: Report): Totals {
  const statuses = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const passed = statuses.filter((status) => status === 'passed').length;
  const failedTests = statuses.filter((status) => status === 'failed').length;
  const failedFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  const failed = failedTests + failedFiles;
  // No test failed, but the run did: an error outside of every file, or no file at all.
  return { passed, failed: failed === 0 && !success ? 1 : failed, left: statuses.length - passed - failedTests };
}

export function formatTotals({ passed, failed, left }: Totals): string {
  const count = `${passed} passed, ${failed} failed`;
  return left === 0 ? count : `${left} tests did not run\n${count}`;
}

if (import.meta.main) {
  const [path = ''] = process.argv.slice(2);
  console.log(formatTotals(totals(JSON.parse(readFileSync(path, 'utf8')))));
}
