/** How a setting is read: a value, or what was found and what is wanted instead. Errors are values. */

/** `got` is as given: hostile. `want` is a noun phrase for people: `the number of a bit, 0 to 31`. */
export interface Unfit {
  readonly got: unknown;
  readonly want: string;
}

export type Parsed<T> = { readonly value: T } | Unfit;

export function unfit(got: unknown, want: string): Unfit {
  return { got, want };
}

/** Repeated and comma-separated values as one list; empty ones do not count. */
export function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** `a, b or c` */
export function inWords(choices: readonly string[]): string {
  const last = choices.at(-1) ?? '';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}
