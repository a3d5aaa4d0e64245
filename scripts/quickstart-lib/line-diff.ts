/** The smallest difference of two lists of rules, for people. */
import type { RuleLine } from './backend.ts';

export interface DiffLine extends RuleLine {
  readonly sign: ' ' | '-' | '+';
}

/** Longest common subsequence: the texts are a few hundred lines. */
export function diffLines(before: readonly RuleLine[], after: readonly RuleLine[]): DiffLine[] {
  const lengths = commonLengths(before.map(keyOf), after.map(keyOf));
  const diff: DiffLine[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && fresh !== undefined && keyOf(old) === keyOf(fresh)) {
      diff.push({ sign: ' ', ...old });
      [i, j] = [i + 1, j + 1];
    } else if (old !== undefined && lengthAt(lengths, i + 1, j) >= lengthAt(lengths, i, j + 1)) {
      diff.push({ sign: '-', ...old });
      i += 1;
    } else if (fresh !== undefined) {
      diff.push({ sign: '+', ...fresh });
      j += 1;
    } else {
      return diff;
    }
  }
}

/** The changed lines by place, each with its neighbours there. */
export function changedPlaces(diff: readonly DiffLine[]): Map<string, readonly DiffLine[]> {
  const places = new Map<string, readonly DiffLine[]>();
  for (const place of new Set(diff.filter(isChange).map((line) => line.place))) {
    const lines = diff.filter((line) => line.place === place);
    places.set(
      place,
      lines.filter((_, at) => lines.slice(Math.max(0, at - 1), at + 2).some(isChange)),
    );
  }
  return places;
}

export function isChange({ sign }: DiffLine): boolean {
  return sign !== ' ';
}

function keyOf({ place, text }: RuleLine): string {
  return `${place} ${text}`;
}

/** `[i][j]`: how many lines `before` from i on and `after` from j on have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const row = rows[i];
    for (let j = after.length - 1; row !== undefined && j >= 0; j -= 1) {
      const skip = Math.max(lengthAt(rows, i + 1, j), lengthAt(rows, i, j + 1));
      row[j] = before[i] === after[j] ? lengthAt(rows, i + 1, j + 1) + 1 : skip;
    }
  }
  return rows;
}

/** Beyond the last row or column nothing is left in common. */
function lengthAt(rows: readonly Uint32Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
