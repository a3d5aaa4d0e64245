/** The figures of `daemon` as a table, compared with their targets. */
import { formatMs, formatTable } from '../../lib/table.ts';
import { endpointsPerService } from '../inputs.ts';
import type { DaemonFigures } from './measure.ts';

/** Upper limits; of memory, after the changes. */
const targets: Readonly<Record<number, Partial<DaemonFigures>>> = {
  1000: { p50Ms: 60, p99Ms: 250 },
  10000: { p50Ms: 60, p99Ms: 250, coldStartMs: 8_000, afterMb: 220 },
};

export function daemonTable(figures: readonly DaemonFigures[]): string {
  const heads = [
    'daemon, nftables',
    'Services',
    'cold start',
    'p50',
    'p99',
    'changes',
    'MB',
    'after',
    'peak',
    'targets',
  ];
  const rows = figures.map((each) => [
    'write → kernel',
    `${each.services} × ${endpointsPerService}`,
    formatMs(each.coldStartMs),
    formatMs(each.p50Ms),
    formatMs(each.p99Ms),
    String(each.changes),
    each.startMb.toFixed(0),
    each.afterMb.toFixed(0),
    each.peakMb.toFixed(0),
    daemonVerdict(each),
  ]);
  return formatTable(heads, rows);
}

/** `met`, or the missed targets; empty without a target. */
export function daemonVerdict(figures: DaemonFigures): string {
  const target = Object.entries(targets[figures.services] ?? {});
  const missed = target.filter(([name, limit]) => figures[name as keyof DaemonFigures] > limit);
  if (missed.length > 0) return `missed: ${missed.map(([name, limit]) => `${name} ≤ ${limit}`).join(', ')}`;
  return target.length > 0 ? 'met' : '';
}
