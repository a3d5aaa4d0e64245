/** The figures of `compile` as a table. */
import { formatMs, formatRatio, formatTable } from '../../lib/table.ts';
import type { CompileFigures } from './measure.ts';

/** `÷ least` compares one change with that of the smallest cluster of the same mode. */
export function compileTable(figures: readonly CompileFigures[]): string {
  const heads = ['compile', 'Services', 'read', 'from scratch', 'print', 'one change', '÷ least', '+ print'];
  const rows = figures.map((each) => [
    each.mode,
    `${each.services} × ${each.endpoints}`,
    formatMs(each.readMs),
    formatMs(each.compileMs),
    formatMs(each.printMs),
    formatMs(each.changeMs),
    formatRatio(each.changeMs, smallest(figures, each).changeMs),
    formatMs(each.changePrintMs),
    String(each.rules),
    (each.bytes / 1e6).toFixed(1),
    each.peakMemoryMb.toFixed(0),
  ]);
  return formatTable([...heads, 'rules', 'MB', 'peak MB'], rows);
}

function smallest(figures: readonly CompileFigures[], { mode }: CompileFigures): CompileFigures {
  return figures.filter((each) => each.mode === mode).reduce((a, b) => (b.services < a.services ? b : a));
}
