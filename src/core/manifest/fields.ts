import { quote } from '../structures/safe-text.ts';
import { complain, type Report, within } from './report.ts';
import { describeValue, get, isFields, type JsonFields, noFields, none } from './value.ts';

export function readText<F>(report: Report, fields: JsonFields, key: string, absent: F): string | F | undefined {
  const value = get(fields, key);
  if (value === undefined) return absent;
  if (typeof value === 'string') return value;
  return wrongType(report, { key, expected: 'a text', value });
}

/** The texts that a field allows, the default first. */
export interface Choice<T extends string> {
  readonly choices: readonly [T, ...T[]];
  /** What a bad value leads to, where that is more than the loss of the field itself. */
  readonly effect?: string;
}

/** One of these texts; the empty text counts as absent, as it does where Kubernetes fills in defaults. */
export function readChoice<T extends string>(
  report: Report,
  fields: JsonFields,
  key: string,
  { choices, effect }: Choice<T>,
): T | undefined {
  const value = get(fields, key) ?? '';
  if (value === '') return choices[0];
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  const list = choices.join(', ');
  const expected = `one of ${list}`;
  if (typeof value !== 'string') return wrongType(report, { key, expected, value, effect });
  const meant = choices.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
  complain(report, {
    code: 'value-unknown',
    key,
    problem: `${quote(value)} is none of ${list}${effect === undefined ? '' : `, so ${effect}`}`,
    remedy: meant === undefined ? `Use ${expected}` : `Write ${meant}, upper and lower case matter`,
  });
  return undefined;
}

/** A whole number within these bounds, both included. */
export function readInteger<F>(
  report: Report,
  fields: JsonFields,
  key: string,
  { min, max, absent }: { readonly min: number; readonly max: number; readonly absent: F },
): number | F | undefined {
  const value = get(fields, key);
  if (value === undefined) return absent;
  if (typeof value !== 'number') return wrongType(report, { key, expected: 'a whole number', value });
  // `+ 0` turns -0 into 0.
  if (Number.isInteger(value) && value >= min && value <= max) return value + 0;
  complain(report, {
    code: 'number-invalid',
    key,
    problem: `${value} is not a whole number from ${min} to ${max}`,
    remedy: `Use a whole number from ${min} to ${max}`,
  });
  return undefined;
}

export function readFlag(report: Report, fields: JsonFields, key: string, absent: boolean): boolean | undefined {
  const value = get(fields, key);
  if (value === undefined) return absent;
  if (typeof value === 'boolean') return value;
  return wrongType(report, { key, expected: 'true or false', value });
}

/** The object in a field; an absent one reads as empty. */
export function readFields(report: Report, fields: JsonFields, key: string): JsonFields | undefined {
  const value = get(fields, key);
  if (value === undefined) return noFields;
  if (isFields(value)) return value;
  return wrongType(report, { key, expected: 'an object', value });
}

/** Reads inside the object in a field, with `report.at` at it; an absent one reads as empty. */
export function readInside<T>(
  report: Report,
  fields: JsonFields,
  key: string,
  read: (inner: JsonFields) => T,
): T | undefined {
  const inner = readFields(report, fields, key);
  return inner === undefined ? undefined : within(report, key, () => read(inner));
}

/** The list in a field; an absent one reads as empty. */
export function readList(report: Report, fields: JsonFields, key: string): readonly unknown[] | undefined {
  const value = get(fields, key);
  if (value === undefined) return none;
  if (Array.isArray(value)) return value as readonly unknown[];
  return wrongType(report, { key, expected: 'a list', value });
}

/** Reads each item of the list in a field, with `report.at` at the item, and keeps those that can be read. */
export function readItems<T>(
  report: Report,
  fields: JsonFields,
  key: string,
  read: (report: Report, item: unknown, index: number) => T | undefined,
): readonly T[] {
  const list = readList(report, fields, key);
  if (list === undefined || list.length === 0) return none;
  const items: T[] = [];
  const { at } = report;
  at.push(key, 0);
  for (let index = 0; index < list.length; index += 1) {
    at[at.length - 1] = index;
    const item = read(report, list[index], index);
    if (item !== undefined) items.push(item);
  }
  at.length -= 2;
  // A copy has no room to grow: most lists are short, and there may be tens of thousands of them.
  return items.length === 0 ? none : items.slice();
}

/** Each item once, in the order of first appearance. */
export function unique<T>(items: readonly T[]): readonly T[] {
  return items.length < 2 ? items : [...new Set(items)];
}

/** Reports a value of the wrong type, at the current place or at `key` below it. */
export function wrongType(
  report: Report,
  found: {
    readonly key?: string;
    readonly expected: string;
    readonly value: unknown;
    readonly effect?: string | undefined;
  },
): undefined {
  const { expected, value, effect } = found;
  const quoted = typeof value === 'string' && /number|true/.test(expected);
  complain(report, {
    code: 'wrong-type',
    key: found.key,
    problem: `Expected ${expected}, found ${describeValue(value)}${effect === undefined ? '' : `, so ${effect}`}`,
    remedy: `Write ${expected} here${quoted ? ', without quotes' : ''}`,
  });
  return undefined;
}
