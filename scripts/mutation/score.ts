/** How mutants fared, by operator. */
import { formatTable } from '../bench/table.ts';
import type { Judgement } from './judge.ts';
import type { Mutant, Operator } from './mutant.ts';
import type { GoldenSubject } from './subjects.ts';

export interface Score {
  mutants: number;
  readonly byOperator: Map<string, Counts>;
  readonly byReason: Map<string, number>;
  /** For people, one a line. */
  readonly unexplained: string[];
}

type Counts = Record<Judgement['kind'], number>;

export function emptyScore(): Score {
  return { mutants: 0, byOperator: new Map(), byReason: new Map(), unexplained: [] };
}

export interface Judged {
  readonly subject: GoldenSubject;
  readonly mutant: Mutant;
  readonly judgement: Judgement;
}

export function addJudgement(score: Score, { subject, mutant, judgement }: Judged): void {
  score.mutants += 1;
  const key = `${subject.rules.mode}\t${mutant.operator}`;
  const counts = score.byOperator.get(key) ?? emptyCounts();
  counts[judgement.kind] += 1;
  score.byOperator.set(key, counts);
  if (judgement.kind === 'equivalent') {
    score.byReason.set(judgement.reason, (score.byReason.get(judgement.reason) ?? 0) + 1);
  } else if (judgement.kind === 'unexplained') {
    score.unexplained.push(`${subject.name}: ${mutant.operator}: ${mutant.place} ${mutant.index}: ${mutant.change}`);
  }
}

function emptyCounts(): Counts {
  return { refuted: 0, refused: 0, 'not understood': 0, equivalent: 0, unexplained: 0 };
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

/** Two tables: fates by mode and operator, and the reasons of those that mean the same. */
export function formatScore({ byOperator, byReason }: Score): string {
  const heads = ['mode, operator', 'mutants', 'refuted', 'refused', 'not understood', 'equivalent', 'unexplained'];
  const rows = ['iptables', 'nftables'].flatMap((mode) =>
    operators.flatMap((operator) => {
      const counts = byOperator.get(`${mode}\t${operator}`);
      return counts === undefined ? [] : [row(`${mode}, ${operator}`, counts)];
    }),
  );
  const total = emptyCounts();
  for (const counts of byOperator.values()) {
    for (const kind of Object.keys(total) as Judgement['kind'][]) total[kind] += counts[kind];
  }
  const reasons = [...byReason].sort(([, a], [, b]) => b - a).map(([reason, count]) => [reason, String(count)]);
  return `${formatTable(heads, [...rows, row('all', total)])}\n\n${formatTable(['equivalent, since', 'mutants'], reasons)}`;
}

function row(name: string, counts: Counts): readonly string[] {
  const { refuted, refused, 'not understood': unknown, equivalent, unexplained } = counts;
  const all = refuted + refused + unknown + equivalent + unexplained;
  return [name, ...[all, refuted, refused, unknown, equivalent, unexplained].map(String)];
}
