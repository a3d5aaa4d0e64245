/**
 * Text from objects, rules, programs and users, made safe to show. A terminal acts on control characters, direction
 * marks reorder a line, and some letters look like others. Each function below escapes or replaces such characters.
 */

/** Controls (ESC among them), format and direction marks, line separators, halves of surrogate pairs. */
const controls = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

// Letters of any language stay; only what a terminal acts on is escaped.

/** The text on one line, with `\u001b` for each control. JSON stays the same JSON. */
export function printable(text: string): string {
  return text.replace(controls, escapeUnits);
}

/** The same for a text of several lines: line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(controls, (char) => (char === '\n' || char === '\t' ? char : escapeUnits(char)));
}

/** The text on one line for a terminal, with `\n` and `\u{1b}` for controls, cut after `maxLength` characters. */
export function terminalText(text: string, maxLength = 1000): string {
  return shorten(text, maxLength, '…', (start) =>
    start.replace(controls, (char) => escapeLetters[char] ?? codePoint(char)),
  );
}

/** The text in single quotes for a terminal, short enough for one line. */
export function terminalQuote(text: string): string {
  return `'${terminalText(text, 80)}'`;
}

// Everything but printable ASCII is escaped, letters that look like others among it.

/**
 * The JSON value with all its texts in printable ASCII and everything else as `\u{1b}`. Each text is cut after 4000
 * characters: rules of a hostile dump can have any length.
 */
export function printableValue<T>(value: T): T {
  return escapeTexts(value) as T;
}

function escapeTexts(value: unknown): unknown {
  if (typeof value === 'string') return asciiText(value);
  if (Array.isArray(value)) return value.map(escapeTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [asciiText(key), escapeTexts(each)]));
}

function asciiText(text: string): string {
  return shorten(text, 4000, '...', (start) => start.replace(/[^ -~]/gu, codePoint));
}

const maxQuoted = 60;

/** The text in double quotes: at most 60 characters of it, with `\n`, `\"`, `\\` and `\u001b`. */
export function quote(text: string): string {
  const shown = escapeAsInJson(text.slice(0, maxQuoted));
  return text.length > maxQuoted ? `"${shown}..." (${text.length} characters)` : `"${shown}"`;
}

/** The name of an object: unchanged if it could be valid (253 is the longest), else escaped like a quote and cut. */
export function nameText(text: string): string {
  const plain = text.length <= 253 && /^[ -~]*$/.test(text);
  return plain ? text : `${escapeAsInJson(text.slice(0, maxQuoted))}${text.length > maxQuoted ? '...' : ''}`;
}

function escapeAsInJson(text: string): string {
  return text.replace(/[^ -~]|["\\]/g, (unit) => {
    if (unit === '"' || unit === '\\') return `\\${unit}`;
    return unit === '\n' ? '\\n' : escapeUnits(unit);
  });
}

// Everything but printable ASCII is replaced: for words of rules, which have no escapes, and for remarks in a log.

/** The text with `?` for each UTF-16 unit that is not printable ASCII. */
export function asciiOnly(text: string): string {
  return text.replace(/[^ -~]/g, '?');
}

/** The same on one line, white space collapsed, cut after `maxLength` characters. */
export function plainText(text: string, maxLength = 300): string {
  const start = text.slice(0, maxLength + 1).trim();
  const plain = asciiOnly(start.replace(/\s+/g, ' '));
  return plain.length > maxLength ? `${plain.slice(0, maxLength)}...` : plain;
}

function shorten(text: string, maxLength: number, ellipsis: string, escapeStart: (text: string) => string): string {
  const shown = escapeStart(text.slice(0, maxLength));
  return text.length > maxLength ? `${shown}${ellipsis} (${text.length} characters)` : shown;
}

const escapeLetters: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

/** `\u{1b}`. */
function codePoint(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

/** `\u001b` for each UTF-16 unit, since JSON knows no other escapes. */
function escapeUnits(char: string): string {
  return char.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
