/** Verdicts and shares as people read them. */
import type { OutcomeShare, PacketVerdict, Share } from '../explanation.ts';
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

/** `1/3 (33.33 %)`; the long denominators of xt_statistic, powers of 2^31, are left out. */
export function shareText({ fraction, percent }: Share): string {
  const text = `${Math.round(percent * 100) / 100} %`;
  return fraction.length > 11 ? text : `${fraction} (${text})`;
}

export function outcomeSpan(outcome: OutcomeShare): Span {
  return span(outcomeText(outcome), styleOf(outcome.verdict));
}

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}
