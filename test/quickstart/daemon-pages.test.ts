import { expect, test } from 'vitest';
import { parseTransactions } from '../../scripts/quickstart-lib/node/pages.ts';
import { createTransactionHistory } from '../../src/observe/pages/transactions.ts';
import type { FamilyReport, SyncReport } from '../../src/observe/sync-report.ts';

function report(number: number, families: readonly Partial<FamilyReport>[]): SyncReport {
  const family: FamilyReport = {
    ...{ family: 'IPv4', mode: 'nftables', result: 'applied', diffMs: 1, applyMs: 12.34, lockWaitMs: 0, text: '' },
    ...{ summary: {}, lost: [], quarantined: [], triggeredAtMs: [], rules: {} },
    withoutLocalEndpoints: { internal: 0, external: 0 },
  };
  return {
    ...{ number, cause: 'change', startedAtMs: Date.UTC(2026, 10, 26), compileMs: 1, diagnostics: [] },
    changes: { services: 0, slices: 1, others: 0 },
    families: families.map((each) => ({ ...family, ...each })),
  };
}

test('transactions are read as the daemon shows them, the newest first', () => {
  const history = createTransactionHistory();
  history.record(report(3, [{ text: '*nat\n# a remark\nCOMMIT\n', lockWaitMs: 2 }]));
  history.record(report(4, [{ family: 'IPv6', result: 'failed', text: 'add rule\n' }]));
  expect(parseTransactions([...history.page()].join(''))).toEqual([
    { sync: 4, family: 'IPv6', result: 'failed', applyMs: 12.3, text: 'add rule' },
    { sync: 3, family: 'IPv4', result: 'applied', applyMs: 12.3, text: '*nat\n# a remark\nCOMMIT' },
  ]);
});

test('where nothing was sent there is nothing', () => {
  expect(parseTransactions([...createTransactionHistory().page()].join(''))).toEqual([]);
});
