/** Hostile values as short, harmless text for diagnostics. */

const maxQuoted = 60;

/**
 * The text in double quotes: at most 60 characters of it, printable ASCII only. Everything else is escaped, because
 * control characters move cursors, direction marks reorder lines, and look-alike letters are what the reader must see.
 */
export function quote(text: string): string {
  const shown = escapeText(text.slice(0, maxQuoted));
  return text.length > maxQuoted ? `"${shown}..." (${text.length} characters)` : `"${shown}"`;
}

/** The value as a noun phrase: `the text "80"`, `the number 1.5`, `a list`. Never looks inside lists and objects. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `the text ${quote(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A name for an ObjectRef: as it is when it could be valid (253 is the longest), else escaped and cut. */
export function nameText(text: string): string {
  const plain = text.length <= 253 && /^[ -~]*$/.test(text);
  return plain ? text : `${escapeText(text.slice(0, maxQuoted))}${text.length > maxQuoted ? '...' : ''}`;
}

function escapeText(text: string): string {
  return text.replace(/[^ -~]|["\\]/g, (unit) => {
    if (unit === '"' || unit === '\\') return `\\${unit}`;
    if (unit === '\n') return '\\n';
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
