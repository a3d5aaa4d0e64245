/** Lines that fit a terminal. */
import { widthOf } from './paint.ts';

/** Lines of at most `width` characters, broken at spaces; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** How many columns help may have; a pipe or a file has none of its own. */
export function helpWidth(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return stream.isTTY === true ? widthOf(stream) : 100;
}

/** `  1   an error`, and what follows below its text; other lines stay. */
export function wrapExitCodes(text: string, width: number): string {
  return text.replace(/^( {2}\d+ +)(.*)$/gm, (_, code: string, said: string) =>
    [code, wrap(said, width - code.length).join(`\n${' '.repeat(code.length)}`)].join(''),
  );
}
