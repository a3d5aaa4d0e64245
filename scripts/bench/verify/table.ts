/** The figures of `verify` as a table. */
import { formatMs, formatTable } from '../../lib/table.ts';
import type { VerifyFigures } from './measure.ts';

/** Times of the clock, and of the processor in this process alone. */
export function verifyTable(figures: readonly VerifyFigures[]): string {
  const heads = ['verify', 'Services', 'classes', 'from scratch', 'CPU', 'one change', 'CPU', 'longest step'];
  const rows = figures.map((each) => [
    each.mode === 'iptables' ? `iptables, ${each.layout}` : each.mode,
    `${each.services} × ${each.endpoints}`,
    String(each.classes),
    formatMs(each.verifyMs),
    formatMs(each.verifyCpuMs),
    formatMs(each.changeMs),
    formatMs(each.changeCpuMs),
    formatMs(each.longestStepMs),
  ]);
  return formatTable(heads, rows);
}
