/** Verdicts and shares as people read them. */
import type { OutcomeShare, PacketVerdict } from '../explanation.ts';
import { outcomeText } from '../shares.ts';
import type { Span, Style } from './tree.ts';

export function styleOf(verdict: PacketVerdict): Style {
  switch (verdict) {
    case 'delivered':
    case 'accepted':
      return 'good';
    case 'refused':
    case 'dropped':
      return 'bad';
    case 'untouched':
    case 'mixed':
    case 'unknown':
      return 'warn';
    default:
      return verdict satisfies never;
  }
}

export function outcomeSpan(outcome: OutcomeShare): Span {
  return span(outcomeText(outcome), styleOf(outcome.verdict));
}

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}
