/**
 * Forecasts as a comment on a pull request. The author of the objects must not control the comment: their text stands
 * only in fenced code and, as HTML, in `<code>`, where GitHub reads no markup, mentions or links.
 */
import { terminalText } from '../../core/structures/safe-text.ts';
import { type Block, blocksOf, countRisks, ruleLines, summaryOf } from './blocks.ts';
import type { NodesForecast } from './forecasts.ts';
import type { ForecastLine } from './lines.ts';
import { nodeNames } from './text.ts';

/** GitHub takes 65,536 characters; the last line says what was left out. */
const maxLength = 60_000;
const maxLines = 60;

/** At most `maxLength` characters, with the worst first and a line that says what was left out. */
export function formatForecastMarkdown(forecasts: readonly NodesForecast[]): string {
  const parts = forecasts.flatMap((forecast) => [
    { text: heading(forecast), isBlock: false },
    ...blocksOf(forecast).map((block) => ({ text: details(block), isBlock: true })),
    ...(forecast.rules.length > 0 ? [{ text: rules(forecast), isBlock: false }] : []),
  ]);
  let text = '';
  let left = parts.length;
  for (const part of parts) {
    if (text.length + part.text.length > maxLength) break;
    text += part.text;
    left -= 1;
  }
  return left === 0 ? text : `${text}… and ${left} more parts that do not fit into a comment; \`-o json\` shows all.\n`;
}

function heading(forecast: NodesForecast): string {
  return `### What changes on ${code(nodeNames(forecast.names))}\n\n${summaryOf(forecast)}\n\n`;
}

/** Open if a risk is more than low. */
function details({ sign, title, risks, lines }: Block): string {
  const isOpen = risks.some(({ severity }) => severity !== 'low');
  const all = [...risks, ...lines];
  const more = all.length - maxLines;
  const shown = [
    ...all.slice(0, maxLines).map(diffLine),
    ...(more > 0 ? [`  … and ${more} more lines; -o json shows all`] : []),
  ];
  return [
    `<details${isOpen ? ' open' : ''}><summary>${code(`${sign} ${title}`)}${marks(risks)}</summary>`,
    '',
    fenced('diff', shown),
    '',
    '</details>',
    '',
    '',
  ].join('\n');
}

function marks(risks: readonly ForecastLine[]): string {
  const counts = countRisks(risks);
  return counts === '' ? '' : ` <b>${counts}</b>`;
}

/** Highlighters of diffs colour `+`, `-` and `!`; others are told apart by the sign. */
function diffLine({ sign, text }: ForecastLine): string {
  return `${sign} ${terminalText(text)}`;
}

function rules(forecast: NodesForecast): string {
  return `<details><summary>rules</summary>\n\n${fenced('', ruleLines(forecast))}\n\n</details>\n\n`;
}

/** A fence is longer than any that the lines could have: they have none, as their backticks are replaced. */
function fenced(language: string, lines: readonly string[]): string {
  return [`\`\`\`${language}`, ...lines.map((line) => line.replaceAll('`', "'")), '```'].join('\n');
}

/** Inside a line of HTML, where Markdown is not read. */
function code(text: string): string {
  const escaped = terminalText(text).replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<code>${escaped}</code>`;
}
