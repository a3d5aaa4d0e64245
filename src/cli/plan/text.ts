/** Forecasts for a terminal. */
import type { RiskSeverity } from '../../core/forecast/changes.ts';
import { terminalText } from '../../core/structures/safe-text.ts';
import { type Paint, paintFor } from '../output/paint.ts';
import { wrap } from '../output/wrap.ts';
import { type Block, blocksOf, ruleLines, summaryOf } from './blocks.ts';
import type { NodesForecast } from './forecasts.ts';
import type { ForecastLine, Sign } from './lines.ts';

export interface TextStyle {
  readonly isColored: boolean;
  /** Of the terminal in characters; undefined for a file. */
  readonly width: number | undefined;
}

/** What a person can read; `-o json` has all of it. */
const limits = { services: 100, lines: 60 };
const usualWidth = 100;

/** One part for each group of nodes. Nothing of an object gets into it unescaped. */
export function formatForecastText(forecasts: readonly NodesForecast[], style: TextStyle): string {
  const paint = paintFor(style.isColored);
  const show = blockRenderer(style, paint);
  return forecasts
    .map((forecast) => {
      const blocks = blocksOf(forecast);
      const more = blocks.length - limits.services;
      return [
        paint.bold(`on ${nodeNames(forecast.names)}: ${terminalText(summaryOf(forecast))}`),
        ...blocks.slice(0, limits.services).map(show),
        ...(more > 0 ? [`… and ${more} more (-o json shows all)`] : []),
        ...(forecast.rules.length > 0
          ? [['rules', ...ruleLines(forecast).map((line) => `    ${line}`)].join('\n')]
          : []),
      ]
        .map((part) => `${part}\n`)
        .join('\n');
    })
    .join('\n');
}

/** `node-a`, or `node-a, node-b and 30 more nodes`. */
export function nodeNames(names: readonly string[]): string {
  const shown = 5;
  const more = names.length - shown;
  return `${terminalText(names.slice(0, shown).join(', '))}${more > 0 ? ` and ${more} more nodes` : ''}`;
}

function blockRenderer({ width = usualWidth }: TextStyle, paint: Paint): (block: Block) => string {
  const signPaint: Readonly<Record<Sign, (text: string) => string>> = {
    '+': paint.green,
    '-': paint.red,
    '~': paint.yellow,
    '!': paint.bold,
    '=': paint.dim,
  };
  const severityPaint: Readonly<Record<RiskSeverity, (text: string) => string>> = {
    high: (text) => paint.bold(paint.red(text)),
    medium: (text) => paint.bold(paint.yellow(text)),
    low: (text) => paint.bold(paint.cyan(text)),
  };
  const paintLine = ({ sign, text, severity }: ForecastLine): string => {
    const color = severity === undefined ? signPaint[sign] : severityPaint[severity];
    const [first = '', ...rest] = wrap(terminalText(text), Math.max(width - 6, 40));
    return [`    ${color(`${sign} ${first}`)}`, ...rest.map((part) => `      ${color(part)}`)].join('\n');
  };
  return ({ sign, title, risks, lines }) => {
    const all = [...risks, ...lines];
    const more = all.length - limits.lines;
    return [
      paint.bold(signPaint[sign](`${sign} ${terminalText(title)}`)),
      ...all.slice(0, limits.lines).map(paintLine),
      ...(more > 0 ? [`    … and ${more} more lines (-o json shows all)`] : []),
    ].join('\n');
  };
}
