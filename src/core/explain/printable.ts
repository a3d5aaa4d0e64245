/** Texts of objects, rules and users, made fit for a terminal in one place: nothing else leaves this room. */

/**
 * A JSON value whose texts are printable ASCII: everything else is spelled out (`\u{1b}`), so that nothing can move a
 * cursor, turn lines around or look like what it is not.
 */
export function printable<T>(value: T): T {
  return escapeAll(value) as T;
}

function escapeAll(value: unknown): unknown {
  if (typeof value === 'string') return printableText(value);
  if (Array.isArray(value)) return value.map(escapeAll);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [printableText(key), escapeAll(each)]));
}

/** Rules of a hostile dump can be as long as they like. */
const maxLength = 4000;

function printableText(text: string): string {
  const shown = text
    .slice(0, maxLength)
    .replace(/[^ -~]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  return text.length > maxLength ? `${shown}... (${text.length} characters)` : shown;
}
