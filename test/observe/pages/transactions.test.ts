import { describe, expect, it } from 'vitest';
import { createTransactionHistory } from '../../../src/observe/pages/transactions.ts';
import { appliedReport, familyReport, syncReport } from '../reports.ts';

function pageOf(history: ReturnType<typeof createTransactionHistory>): string {
  return [...history.page()].join('');
}

describe('the history of transactions', () => {
  it('shows time, cause, family, outcome and exactly what was sent', () => {
    const history = createTransactionHistory();
    expect(pageOf(history)).toBe('Nothing was sent yet.\n');
    history.record(syncReport({ number: 12, families: [appliedReport(), familyReport({ family: 'IPv6' })] }));
    history.record(
      syncReport({
        number: 13,
        cause: 'repair',
        families: [
          appliedReport({
            family: 'IPv6',
            mode: 'iptables',
            result: 'failed',
            text: '*nat\nCOMMIT\n',
            lockWaitMs: 12.34,
            lost: ['chain nat KUBE-SERVICES is gone'],
            problem: `line 2 failed\n# forged${String.fromCharCode(27)}`,
          }),
        ],
      }),
    );
    expect(pageOf(history)).toBe(
      [
        '# 2026-11-26T11:02:19.123Z sync 13 (repair) IPv6 iptables: failed, 12 characters in 16.0 ms, ' +
          'of which 12.3 ms waiting for the lock',
        '# lost: chain nat KUBE-SERVICES is gone',
        '# problem: line 2 failed',
        '# problem: # forged\\u001b',
        '*nat',
        'COMMIT',
        '',
        '# 2026-11-26T11:02:19.123Z sync 12 (change) IPv4 nftables: applied, 68 characters in 16.0 ms',
        'delete element ip rulewright endpoints { 10.96.0.1 . tcp . 80 . 1 }',
        '',
        '',
      ].join('\n'),
    );
  });

  it('shows an attempt that failed before anything could be sent', () => {
    const history = createTransactionHistory();
    history.record(syncReport({ families: [familyReport({ result: 'failed', problem: 'nft is missing' })] }));
    expect(pageOf(history)).toContain('# problem: nft is missing');
  });

  it('keeps the last fifty, and of each no more than 64 Ki characters', () => {
    const history = createTransactionHistory();
    const text = `add rule ${'x'.repeat(200_000)}\n`;
    for (let number = 1; number <= 200; number += 1) {
      history.record(syncReport({ number, families: [appliedReport({ text })] }));
    }
    const page = pageOf(history);
    expect([...page.matchAll(/^# .* sync (\d+) /gm)].map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 50 }, (_, index) => 200 - index),
    );
    expect(page.length).toBeLessThan(50 * 66_000);
    expect(page).toContain('# … 134474 more characters');
  });
});
