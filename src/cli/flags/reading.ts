/** How flags are read: errors are values, and one run shows all of them. */
import type { Parsed } from '../../configuration/parsed.ts';
import { terminalQuote } from '../../core/structures/safe-text.ts';

/** A value, or one line that names the flag, what was given and what is valid. */
export type Reading<T> = { readonly value: T } | { readonly error: string };

/** Uses a reading's value, or keeps its error and goes on with `absent`. */
export type Take = <T>(reading: Reading<T> | undefined, absent: T) => T;

export function refuse(flag: string, given: string, wanted: string): { readonly error: string } {
  return { error: `${flag}: got ${terminalQuote(given)}, want ${wanted}` };
}

/** The same for what src/configuration has read. */
export function readingOf<T>(flag: string, parsed: Parsed<T>): Reading<T> {
  return 'want' in parsed ? refuse(flag, String(parsed.got), parsed.want) : { value: parsed.value };
}

/** Reads a flag that may be absent. kube-proxy takes an empty text for a flag that was not given. */
export function optional<G, T>(
  flag: string,
  given: G | undefined,
  read: (flag: string, given: G) => Reading<T>,
): Reading<T> | undefined {
  return given === undefined || given === '' ? undefined : read(flag, given);
}

/** A `Take` that collects into `errors`. */
export function takeInto(errors: string[]): Take {
  return (reading, absent) => {
    if (reading === undefined) return absent;
    if ('value' in reading) return reading.value;
    errors.push(reading.error);
    return absent;
  };
}
