/** Diagnostics as a compiler shows them: what, where with the line itself, and what to do. */
import { describeObject, type Severity } from '../../core/diagnostics.ts';
import { terminalText } from '../../core/structures/safe-text.ts';
import { excerptAt } from '../../documents/excerpt.ts';
import type { Finding, SourcePlace } from '../../documents/finding.ts';
import { positionAt } from '../../documents/source.ts';
import { type Paint, paintFor } from './paint.ts';

export type Renderer = (finding: Finding) => string;

/**
 * A renderer with or without colours. Each diagnostic is some lines with their ends, and nothing of an object or a
 * file reaches them unescaped.
 */
export function diagnosticRenderer(isColored: boolean): Renderer {
  const paint = paintFor(isColored);
  const severityPaint: Readonly<Record<Severity, (text: string) => string>> = {
    error: (text) => paint.bold(paint.red(text)),
    warning: (text) => paint.bold(paint.yellow(text)),
    info: (text) => paint.bold(paint.cyan(text)),
  };
  return ({ diagnostic, place }) => {
    const { severity, object, field, problem, remedy, code } = diagnostic;
    const subject = terminalText(describeObject(object), 300);
    const message = [subject, ...(field === '' ? [] : [terminalText(field, 300)]), terminalText(problem)].join(': ');
    const lines = [
      `${severityPaint[severity](severity)}${paint.bold(`: ${message}`)} ${paint.dim(`[${terminalText(code)}]`)}`,
      ...(place === undefined ? [] : renderPlace(place, paint)),
      `  ${paint.blue('=')} ${paint.bold('help')}: ${terminalText(remedy)}`,
    ];
    return `${lines.join('\n')}\n`;
  };
}

/** Characters of a line that are shown around the place: JSON may be one line of megabytes. */
const shownBefore = 50;
const shownWidth = 90;

function renderPlace(place: SourcePlace, paint: Paint): readonly string[] {
  const { line, column } = positionAt(place.source, place.offset);
  const head = `  ${paint.blue('-->')} ${terminalText(place.source.name, 300)}:${line}:${column}`;
  const text = excerptAt(place);
  if (text === undefined) return [head];
  const start = column - 1 > shownWidth - 20 ? column - 1 - shownBefore : 0;
  // Escapes make the text longer, so the caret goes under what stands before it, escaped.
  const before = terminalText(text.slice(start, column - 1).replaceAll('\t', ' '));
  const after = terminalText(text.slice(column - 1, start + shownWidth).replaceAll('\t', ' '));
  const gutter = ' '.repeat(String(line).length);
  const cutStart = start > 0 ? '…' : '';
  const cutEnd = text.length > start + shownWidth ? '…' : '';
  return [
    head,
    `  ${paint.blue(`${line} |`)} ${cutStart}${before}${after}${cutEnd}`,
    `  ${paint.blue(`${gutter} |`)} ${' '.repeat(cutStart.length + before.length)}${paint.red('^')}`,
  ];
}
