/** Lays out trees of text to a width. Spans have a style by name; the caller decides on its colours. */

export type Style = 'plain' | 'strong' | 'good' | 'bad' | 'warn' | 'dim';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export interface TreeNode {
  /** Printed before the text; siblings' labels are padded to the widest one. */
  readonly label?: string;
  readonly spans: readonly Span[];
  readonly children: readonly TreeNode[];
}

export type StyledLine = readonly Span[];

/** The minimum width for readable text. */
const minTextWidth = 20;

/** The lines of the nodes and their descendants; a word longer than the line exceeds the width. */
export function layoutTree(nodes: readonly TreeNode[], width: number, indent = ''): readonly StyledLine[] {
  const labelWidth = Math.max(0, ...nodes.map(({ label = '' }) => label.length));
  return nodes.flatMap((node, i) => {
    const isLast = i === nodes.length - 1;
    const below = `${indent}${isLast ? '   ' : '│  '}`;
    const label = labelWidth === 0 ? '' : `${(node.label ?? '').padEnd(labelWidth)}  `;
    const textWidth = Math.max(minTextWidth, width - below.length - label.length);
    const [first = [], ...rest] = wrap(node.spans, textWidth);
    const gap = `${below}${node.children.length > 0 ? '│  ' : '   '}`.slice(0, below.length + label.length);
    return [
      [dim(`${indent}${isLast ? '└─ ' : '├─ '}`), strong(label), ...first],
      ...rest.map((line) => [dim(gap.padEnd(below.length + label.length)), ...line]),
      ...layoutTree(node.children, width, below),
    ];
  });
}

function dim(text: string): Span {
  return { text, style: 'dim' };
}

function strong(text: string): Span {
  return { text, style: 'strong' };
}

/** Breaks at spaces, which disappear where a line ends. */
export function wrap(spans: readonly Span[], width: number): readonly StyledLine[] {
  const lines: { text: string; readonly style: Style }[][] = [[]];
  let used = 0;
  for (const { text, style } of spans) {
    for (const word of text.split(/(?<= )(?=[^ ])/)) {
      const bare = word.trimEnd().length;
      if (used > 0 && used + bare > width) {
        lines.push([]);
        used = 0;
      }
      const span = lines.at(-1)?.at(-1);
      if (span?.style === style) span.text += word;
      else lines.at(-1)?.push({ text: word, style });
      used += word.length;
    }
  }
  return lines;
}

/** Without any style. */
export function plainText(lines: readonly StyledLine[]): string {
  return lines
    .map(
      (line) =>
        `${line
          .map(({ text }) => text)
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}
