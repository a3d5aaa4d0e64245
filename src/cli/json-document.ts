/** JSON inputs. JSON.parse keeps no positions, so a place is looked up in the text when somebody asks for it. */
import type { InputDocument, Located, Path } from './document.ts';
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

/** A step into a list or an object: where the value is, and where a reader would look for it. */
interface Step {
  readonly value: number;
  readonly label: number;
}

/** Finds paths in a text that is known to be JSON. Lists are walked once, however many of their items are asked for. */
export function jsonLocator(text: string): (path: Path) => Located {
  const lists = new Map<number, readonly number[]>();
  const itemOf = (list: number, index: number): Step | undefined => {
    const items = lists.get(list) ?? itemOffsets(text, list);
    lists.set(list, items);
    const value = items[index];
    return value === undefined ? undefined : { value, label: value };
  };
  return (path) => {
    let step: Step = { value: skipSpace(text, 0), label: skipSpace(text, 0) };
    for (const key of path) {
      const opener = text[step.value];
      const next =
        opener === '[' && typeof key === 'number'
          ? itemOf(step.value, key)
          : opener === '{'
            ? fieldOf(text, step.value, String(key))
            : undefined;
      if (next === undefined) return { offset: shownOffset(text, step), exact: false };
      step = next;
    }
    return { offset: shownOffset(text, step), exact: true };
  };
}

/** A simple value is shown itself; of an object or list, the key that it stands under. */
function shownOffset(text: string, { value, label }: Step): number {
  return text[value] === '{' || text[value] === '[' ? label : value;
}

function itemOffsets(text: string, list: number): readonly number[] {
  const items: number[] = [];
  let at = skipSpace(text, list + 1);
  while (text[at] !== ']' && at < text.length) {
    items.push(at);
    at = skipSpace(text, skipValue(text, at));
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return items;
}

/** The last field of that name: JSON.parse keeps that one. */
function fieldOf(text: string, object: number, wanted: string): Step | undefined {
  let found: Step | undefined;
  let at = skipSpace(text, object + 1);
  while (text[at] === '"') {
    const label = at;
    const keyEnd = skipString(text, at);
    const value = skipSpace(text, skipSpace(text, keyEnd) + 1);
    if (JSON.parse(text.slice(label, keyEnd)) === wanted) found = { value, label };
    at = skipSpace(text, skipValue(text, value));
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return found;
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
