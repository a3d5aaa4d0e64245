/** JSON inputs. JSON.parse keeps no positions, so a place is looked up in the text when it is asked for. */
import type { InputDocument, Locate } from './document.ts';
import type { Source } from './source.ts';

/** The input as one JSON object or list; undefined when it is not that, or not JSON. */
export function parseJson(source: Source): InputDocument | undefined {
  if (!/^\s*[{[]/.test(source.text)) return undefined;
  try {
    const value: unknown = JSON.parse(source.text);
    return { source, value, locate: jsonLocator(source.text) };
  } catch {
    return undefined;
  }
}

/** A step into a list or an object: where the value is, and where its key is (of an item, the value again). */
interface Step {
  readonly value: number;
  readonly label: number;
}

/** By key or index. */
type Steps = ReadonlyMap<unknown, Step>;

/** Finds paths in a text that is known to be JSON. Remembers what it has walked: a list may hold all objects. */
export function jsonLocator(text: string): Locate {
  const root = skipSpace(text, 0);
  const known = new Map<number, Steps>();
  const stepsFrom = (at: number): Steps => {
    const steps = known.get(at) ?? (text[at] === '[' ? itemsOf(text, at) : fieldsOf(text, at));
    known.set(at, steps);
    return steps;
  };
  return (path) => {
    let step: Step = { value: root, label: root };
    for (const key of path) {
      const next = stepsFrom(step.value).get(key);
      if (next === undefined) return { offset: shownOffset(text, step), exact: false };
      step = next;
    }
    return { offset: shownOffset(text, step), exact: true };
  };
}

/** Of a simple value, its own place; of an object or list, the place of its key. */
function shownOffset(text: string, { value, label }: Step): number {
  return text[value] === '{' || text[value] === '[' ? label : value;
}

function itemsOf(text: string, list: number): Steps {
  const items = new Map<number, Step>();
  let at = skipSpace(text, list + 1);
  while (text[at] !== ']' && at < text.length) {
    items.set(items.size, { value: at, label: at });
    at = skipToNext(text, at);
  }
  return items;
}

/** Empty for a value that is not an object. Of several fields with one name the last, which JSON.parse keeps. */
function fieldsOf(text: string, object: number): Steps {
  const fields = new Map<unknown, Step>();
  if (text[object] !== '{') return fields;
  let at = skipSpace(text, object + 1);
  while (text[at] === '"') {
    const label = at;
    const keyEnd = skipString(text, at);
    const value = skipSpace(text, skipSpace(text, keyEnd) + 1);
    fields.set(JSON.parse(text.slice(label, keyEnd)), { value, label });
    at = skipToNext(text, value);
  }
  return fields;
}

/** From a value to the next one after a comma, or to the bracket behind the last. */
function skipToNext(text: string, value: number): number {
  const end = skipSpace(text, skipValue(text, value));
  return text[end] === ',' ? skipSpace(text, end + 1) : end;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  return at;
}

function skipValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  do {
    const char = text[at];
    if (char === '"') at = skipString(text, at);
    else {
      if (char === '{' || char === '[') depth += 1;
      if (char === '}' || char === ']') depth -= 1;
      at += 1;
    }
    // A number or word ends before what follows it.
  } while (at < text.length && (depth > 0 || !',}]'.includes(text.charAt(at))));
  return at;
}

/** Just behind the closing quote. */
function skipString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
