/** Text from files, flags and file names on its way to a terminal, where some characters are commands. */
import { unsafe } from '../../observe/safe-text.ts';

/** The text on one line with nothing in it that a terminal would act on: `\n` and `\u{1b}` are spelled out. */
export function terminalText(text: string, maxLength = 1000): string {
  const shown = text.slice(0, maxLength).replace(unsafe, spellOut);
  return text.length > maxLength ? `${shown}… (${text.length} characters)` : shown;
}

/** The text in single quotes, short enough for one line. */
export function quoted(text: string): string {
  return `'${terminalText(text, 80)}'`;
}

function spellOut(char: string): string {
  if (char === '\n') return '\\n';
  if (char === '\t') return '\\t';
  if (char === '\r') return '\\r';
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}
