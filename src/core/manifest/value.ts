/** Looks at unknown JSON without reporting anything. */
import { quote } from '../structures/safe-text.ts';

export type JsonFields = Readonly<Record<string, unknown>>;

/** The one empty list and the one empty object, shared by everything that is read: most objects have many of them. */
export const none: readonly never[] = Object.freeze([]);
export const noFields: JsonFields = Object.freeze({});

export function isFields(value: unknown): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own field; undefined when absent or null. Inherited ones do not count: `__proto__` may be hostile. */
export function get(fields: JsonFields, key: string): unknown {
  return Object.hasOwn(fields, key) ? (fields[key] ?? undefined) : undefined;
}

/** A field of what may be an object; undefined where it is none. */
export function fieldIn(value: unknown, key: string): unknown {
  return isFields(value) ? get(value, key) : undefined;
}

/** A text in a field of what may be an object; anything else reads as the empty text. */
export function textIn(value: unknown, key: string): string {
  const text = fieldIn(value, key);
  return typeof text === 'string' ? text : '';
}

/** The value as a noun phrase: `the text "80"`, `the number 1.5`, `a list`. Never looks inside lists and objects. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `the text ${quote(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
