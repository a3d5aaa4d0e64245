/** Text from the API, from programs and from callers on its way to logs and pages, which people read in terminals. */

/** Controls (ESC among them), format and direction marks, line separators, halves of surrogate pairs. */
export const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text on one line, with `\u001b` for whatever a terminal would act on. JSON stays the same JSON. */
export function printable(text: string): string {
  return text.replace(unsafe, escapeUnits);
}

/** The same for text of several lines: line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(unsafe, (char) => (char === '\n' || char === '\t' ? char : escapeUnits(char)));
}

/** UTF-16 units, since JSON knows no other escapes. */
function escapeUnits(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
