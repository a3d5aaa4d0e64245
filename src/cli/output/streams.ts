/** The two streams of the program. */
import process from 'node:process';
import type { Writable } from 'node:stream';
import type { ColorChoice } from '../flags/settings.ts';

/** Why a write failed, as Node names it; undefined when it did not. `EPIPE`: the reader has gone. */
export type WriteFailure = string | undefined;

/** Writes everything, or says why not. Never throws; the stream's own error event needs a listener (see main.ts). */
export function write(stream: Writable, text: string): Promise<WriteFailure> {
  return new Promise((resolve) => {
    stream.write(text, (error) => {
      resolve(error ? ('code' in error ? String(error.code) : error.message) : undefined);
    });
  });
}

/** By --color, else by the conventions: NO_COLOR, FORCE_COLOR, and whether the stream is a terminal. */
export function wantsColor(choice: ColorChoice, stream: { readonly isTTY?: boolean }): boolean {
  const { env } = process;
  if (choice !== 'auto') return choice === 'always';
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  // Undefined, not false, for a pipe.
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
