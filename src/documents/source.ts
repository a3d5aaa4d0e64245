/** A text that was read from a file, standard input or a server, and its lines. */
import { memoize } from '../core/structures/memoize.ts';
import { firstNotBefore } from '../core/structures/sorted-list.ts';

export interface Source {
  /** As given on the command line, or below a directory that was; `<stdin>` for standard input. */
  readonly name: string;
  /** In the order in which sources were read. */
  readonly index: number;
  readonly text: string;
}

/** Both from 1; columns count UTF-16 units, as editors do. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** `offset`: in UTF-16 units from the start of the text. */
export function positionAt(source: Source, offset: number): TextPosition {
  const starts = lineStarts(source);
  const line = firstNotBefore(starts, (start) => start <= offset);
  return { line, column: offset - (starts[line - 1] ?? 0) + 1 };
}

/** The text of a line without its end. */
export function lineText(source: Source, line: number): string {
  const starts = lineStarts(source);
  return source.text.slice(starts[line - 1] ?? 0, starts[line] ?? source.text.length).replace(/\r?\n$/, '');
}

const lineStarts = memoize(({ text }: Source): readonly number[] => {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
});
