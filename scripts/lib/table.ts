/** Rows of cells as text: columns aligned to the right, the first one to the left. */
export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return [heads, ...rows].map((row) => line(row).trimEnd()).join('\n');
}

/** Milliseconds, with as many digits as are worth reading. */
export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

/** `3.2×`; empty where there is nothing to compare. */
export function formatRatio(value: number | undefined, base: number | undefined): string {
  if (value === undefined || base === undefined) return '';
  const ratio = value / base;
  return `${ratio.toFixed(ratio < 10 ? 1 : 0)}×`;
}
