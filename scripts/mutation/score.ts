/** Counts the results of mutants, by operator. */
import { formatTable } from '../lib/table.ts';
import type { Judgement } from './judge.ts';
import type { Mutant, Operator } from './mutant.ts';
import type { GoldenSubject } from './subjects.ts';

/** JSON, so that workers can hand it over. */
export interface Score {
  /** By mode and operator. */
  readonly fates: Record<string, Counts>;
  readonly reasons: Record<string, number>;
  /** For people, one a line. */
  readonly unexplained: string[];
}

type Counts = Record<Judgement['kind'], number>;

export function emptyScore(): Score {
  return { fates: {}, reasons: {}, unexplained: [] };
}

export interface Judged {
  readonly subject: GoldenSubject;
  readonly mutant: Mutant;
  readonly judgement: Judgement;
}

export function addJudgement({ fates, reasons, unexplained }: Score, { subject, mutant, judgement }: Judged): void {
  const key = `${subject.rules.mode}, ${mutant.operator}`;
  const counts = fates[key] ?? emptyCounts();
  counts[judgement.kind] += 1;
  fates[key] = counts;
  if (judgement.kind === 'equivalent') reasons[judgement.reason] = (reasons[judgement.reason] ?? 0) + 1;
  if (judgement.kind !== 'unexplained') return;
  unexplained.push(`${subject.name}: ${mutant.operator}: ${mutant.place} ${mutant.index}: ${mutant.change}`);
}

export function mergeScores(scores: readonly Score[]): Score {
  const merged = emptyScore();
  for (const { fates, reasons, unexplained } of scores) {
    for (const [key, counts] of Object.entries(fates))
      merged.fates[key] = sum(merged.fates[key] ?? emptyCounts(), counts);
    for (const [key, count] of Object.entries(reasons)) merged.reasons[key] = (merged.reasons[key] ?? 0) + count;
    merged.unexplained.push(...unexplained);
  }
  return merged;
}

function emptyCounts(): Counts {
  return { refuted: 0, refused: 0, 'not understood': 0, equivalent: 0, unexplained: 0 };
}

function sum(a: Counts, b: Counts): Counts {
  const total = emptyCounts();
  for (const kind of Object.keys(total) as Judgement['kind'][]) total[kind] = a[kind] + b[kind];
  return total;
}

const operators: readonly Operator[] = [
  'rule deleted',
  'rule doubled',
  'neighbours swapped',
  'condition dropped',
  'condition altered',
  'action altered',
  'probability altered',
  'element deleted',
  'element doubled',
  'elements swapped',
  'element altered',
];

/** Two tables: results by mode and operator, and the reasons of equivalent mutants. */
export function formatScore({ fates, reasons }: Score): string {
  const heads = ['mode, operator', 'mutants', 'refuted', 'refused', 'not understood', 'equivalent', 'unexplained'];
  const keys = ['iptables', 'nftables'].flatMap((mode) => operators.map((operator) => `${mode}, ${operator}`));
  const rows = keys.flatMap((key) => (fates[key] === undefined ? [] : [row(key, fates[key])]));
  const total = row('all', Object.values(fates).reduce(sum, emptyCounts()));
  const why = Object.entries(reasons).sort(([, a], [, b]) => b - a);
  const whyRows = why.map(([reason, count]) => [reason, String(count)]);
  return `${formatTable(heads, [...rows, total])}\n\n${formatTable(['equivalent, because', 'mutants'], whyRows)}`;
}

function row(name: string, counts: Counts): readonly string[] {
  const { refuted, refused, 'not understood': unknown, equivalent, unexplained } = counts;
  const all = refuted + refused + unknown + equivalent + unexplained;
  return [name, ...[all, refuted, refused, unknown, equivalent, unexplained].map(String)];
}
