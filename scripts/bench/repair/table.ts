/** The figures of `repair` as a table, compared with their limits. */
import { formatMs, formatTable } from '../../lib/table.ts';
import { endpointsPerService } from '../inputs.ts';
import type { Backend } from '../scenarios.ts';
import type { RepairFigures } from './measure.ts';

/** Limits for the parts. Restoring everything takes at least as long as loading it. */
const limitsMs: Readonly<Record<Backend, number>> = {
  nftables: 1_000,
  'iptables-nft': 1_000,
  'iptables-legacy': 5_000,
};

export function repairTable(figures: readonly RepairFigures[]): string {
  const heads = ['repair', 'Services', 'cold start', 'a chain', 'a map or jump', 'all', 'targets'];
  const rows = figures.map((each) => [
    each.backend,
    `${each.services} × ${endpointsPerService}`,
    ...[each.coldStartMs, each.chainMs, each.partMs, each.allMs].map(formatMs),
    Math.max(each.chainMs, each.partMs) <= limitsMs[each.backend] ? 'met' : `missed: ≤ ${limitsMs[each.backend]} ms`,
  ]);
  return formatTable(heads, rows);
}
