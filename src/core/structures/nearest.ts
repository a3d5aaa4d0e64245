/** Finds the name that a misspelled one most likely means. */

/** The candidate that differs by the fewest edits, in any case; undefined where none is near enough to be meant. */
export function nearestName(word: string, candidates: Iterable<string>): string | undefined {
  const given = word.toLowerCase();
  let [best, fewest] = [undefined as string | undefined, maxEdits(given.length) + 1];
  // Longer words are no names, and comparing them costs.
  if (given.length > maxLength) return undefined;
  for (const candidate of candidates) {
    const name = candidate.toLowerCase();
    // A name that was cut short, or a plural for a singular with more behind it, counts as one edit.
    const isPart = given.length >= 4 && (name.startsWith(given) || given.startsWith(name));
    const edits = isPart ? Math.min(1, Math.abs(name.length - given.length)) : countEdits(given, name);
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

const maxLength = 60;

function maxEdits(length: number): number {
  if (length < 3) return 0;
  return length < 5 ? 1 : length < 10 ? 2 : 3;
}

/** Inserted, removed, replaced and swapped characters (optimal string alignment). */
function countEdits(a: string, b: string): number {
  let [previous, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const above = row[j] ?? 0;
      const diagonal = row[j - 1] ?? 0;
      let edits = Math.min(above + 1, (next[j - 1] ?? 0) + 1, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1));
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) edits = Math.min(edits, (previous[j - 2] ?? 0) + 1);
      next.push(edits);
    }
    [previous, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
