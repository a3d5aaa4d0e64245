/** Sets of values of one field, as ranges, and how a question cuts them. */
import { firstNotBefore } from '../structures/sorted-list.ts';
import type { FieldValue, WitnessQuestion } from '../trace/witness.ts';
import { textAfter } from '../trace/witness.ts';

/** Half-open ranges `from, to, from, to, …` in ascending order, apart from each other. Never empty. */
export type Ranges = readonly FieldValue[];

/** The part of a set with one answer, and a part for each other answer. */
export interface Cut {
  readonly kept: Ranges;
  readonly others: readonly Ranges[];
}

/** Cuts the set by the answers to a question and keeps the part that answers like `value`, a member of the set. */
export function cutRanges(ranges: Ranges, question: WitnessQuestion, value: FieldValue): Cut {
  if (isInOneCell(ranges, question.bounds)) return { kept: ranges, others: [] };
  const parts = partition(ranges, question);
  const own = answerOf(cellOf(value, question.bounds), question.tellsApart);
  const kept = parts.get(own);
  if (kept === undefined) throw new Error(`${value} is not one of the values that are cut`);
  return { kept, others: [...parts].flatMap(([answer, part]) => (answer === own ? [] : [part])) };
}

/** The part of the set inside the ranges of the question and the part outside; neither is empty. */
export function divide(ranges: Ranges, bounds: readonly FieldValue[]) {
  const parts = partition(ranges, { bounds, tellsApart: false });
  return { inside: parts.get(0), outside: parts.get(-1) };
}

/** The values by their answer, see `answerOf`. */
function partition(ranges: Ranges, { bounds, tellsApart }: WitnessQuestion): ReadonlyMap<number, Ranges> {
  const parts = new Map<number, FieldValue[]>();
  for (let i = 0; i < ranges.length; i += 2) {
    const [from, to] = [ranges[i] as FieldValue, ranges[i + 1] as FieldValue];
    cutRange(from, to, bounds, (cell, start, end) => {
      const answer = answerOf(cell, tellsApart);
      const known = parts.get(answer);
      if (known === undefined) parts.set(answer, [start, end]);
      else if (known.at(-1) === start) known[known.length - 1] = end;
      else known.push(start, end);
    });
  }
  return parts;
}

/** Cells are numbered from 0: before the first bound, up to the next, and so on. Odd ones are inside a range. */
function cellOf(value: FieldValue, bounds: readonly FieldValue[]): number {
  return firstNotBefore(bounds, (bound) => bound <= value);
}

/** All cells outside ranges are one answer; those inside are one or many. */
function answerOf(cell: number, tellsApart: boolean): number {
  if (cell % 2 === 0) return -1;
  return tellsApart ? cell : 0;
}

function isInOneCell(ranges: Ranges, bounds: readonly FieldValue[]): boolean {
  const cell = cellOf(ranges[0] as FieldValue, bounds);
  return cell === bounds.length || (ranges.at(-1) as FieldValue) <= (bounds[cell] as FieldValue);
}

function cutRange(
  from: FieldValue,
  to: FieldValue,
  bounds: readonly FieldValue[],
  put: (cell: number, from: FieldValue, to: FieldValue) => void,
): void {
  let start = from;
  for (let cell = cellOf(from, bounds); ; cell += 1) {
    const bound = bounds[cell];
    if (bound === undefined || bound >= to) return put(cell, start, to);
    if (start < bound) put(cell, start, bound);
    start = bound;
  }
}

/** Whether the set has one value. */
export function isSingle(ranges: Ranges): boolean {
  const [from, to] = ranges;
  if (ranges.length !== 2 || from === undefined) return false;
  if (typeof from === 'string') return to === textAfter(from);
  return typeof from === 'number' ? to === from + 1 : to === from + 1n;
}

/** Whether the value is in the set. */
export function holdsValue(ranges: Ranges, value: FieldValue): boolean {
  return cellOf(value, ranges) % 2 === 1;
}
