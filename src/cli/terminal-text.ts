/** Text from files, flags and file names on its way to a terminal, where some characters are commands. */

/** Controls (ESC among them), format and direction marks, line separators, halves of surrogate pairs. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text on one line with nothing in it that a terminal would act on: `\n` and `\u{1b}` are spelled out. */
export function terminalText(text: string, maxLength = 1000): string {
  const shown = text.slice(0, maxLength).replace(unsafe, spellOut);
  return text.length > maxLength ? `${shown}… (${text.length} characters)` : shown;
}

/** The text in single quotes, short enough for one line. */
export function quoted(text: string): string {
  return `'${terminalText(text, 80)}'`;
}

/** JSON whose strings print safely too: what JSON.stringify leaves raw becomes a `\u` escape. */
export function terminalJson(json: string): string {
  return json.replace(unsafe, (char) => (char === '\n' ? char : utf16Escapes(char)));
}

function spellOut(char: string): string {
  if (char === '\n') return '\\n';
  if (char === '\t') return '\\t';
  if (char === '\r') return '\\r';
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

/** JSON knows escapes for UTF-16 units only. */
function utf16Escapes(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
