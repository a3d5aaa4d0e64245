/** Splits a line of `nft list`, or of our scripts, into words. */

/**
 * The words of a line: quoted text with its quotes, single braces and commas, everything else up to white space. The
 * handle that `nft --handle` appends is skipped. Characters that nft never uses become words that no reader accepts.
 */
export function splitWords(line: string): readonly string[] {
  return withoutHandle(line).match(/"[^"]*"|[{},;"]|[^\s{},;"]+/g) ?? [];
}

/** The line without `# handle 7` and white space at its ends. */
export function withoutHandle(line: string): string {
  const trimmed = line.trim();
  return trimmed.includes('# handle ') ? trimmed.replace(/\s*# handle [0-9]+$/, '') : trimmed;
}

/** Words, and the position of the reader. */
export interface WordReader {
  readonly words: readonly string[];
  at: number;
}

/** Takes the next words if they are these. */
export function take(reader: WordReader, ...expected: readonly string[]): boolean {
  if (!expected.every((word, i) => reader.words[reader.at + i] === word)) return false;
  reader.at += expected.length;
  return true;
}

/** Takes the next word if `read` accepts it. */
export function takeAs<T>(reader: WordReader, read: (word: string) => T | undefined): T | undefined {
  const word = reader.words[reader.at];
  const value = word === undefined ? undefined : read(word);
  if (value !== undefined) reader.at += 1;
  return value;
}

/** Takes items with commas between them, at least one. Undefined when one is missing; the reader is then anywhere. */
export function takeItems<T>(reader: WordReader, takeItem: () => T | undefined): readonly T[] | undefined {
  const items: T[] = [];
  do {
    const item = takeItem();
    if (item === undefined) return undefined;
    items.push(item);
  } while (take(reader, ','));
  return items;
}

/** `{ ITEM, ITEM }`, with at least one item. Undefined when it is not that; the reader is then anywhere. */
export function takeList<T>(reader: WordReader, takeItem: () => T | undefined): readonly T[] | undefined {
  const items = take(reader, '{') ? takeItems(reader, takeItem) : undefined;
  return items !== undefined && take(reader, '}') ? items : undefined;
}
