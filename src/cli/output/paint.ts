/** Colours, and lines of styled spans as text for a terminal, or for a file. */
import colors from 'picocolors';
import { plainText, type Style, type StyledLine } from '../../core/explain/report/tree.ts';

export type Paint = ReturnType<typeof colors.createColors>;

/** Leaves text as it is where `isColored` is false. */
export function paintFor(isColored: boolean): Paint {
  return colors.createColors(isColored);
}

export function paintLines(lines: readonly StyledLine[], isColored: boolean): string {
  if (!isColored) return plainText(lines);
  const paint = paintFor(true);
  const painters: Readonly<Record<Style, (text: string) => string>> = {
    plain: (text) => text,
    strong: paint.bold,
    good: paint.green,
    bad: paint.red,
    warn: paint.yellow,
    dim: paint.dim,
  };
  return lines.map((line) => `${line.map(({ text, style }) => painters[style](text)).join('')}\n`).join('');
}

/** Files and pipes have no width. */
const widthOfFiles = 120;

/** How many columns a line may have. */
export function widthOf(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return stream.isTTY === true ? Math.max(40, stream.columns ?? 80) : widthOfFiles;
}
