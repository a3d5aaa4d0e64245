/** Colours for a terminal. */
import process from 'node:process';
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** On a terminal only, and not where the user asked for none (no-color.org). */
export function terminalColors(): Colors {
  const { stdout, env } = process;
  return pc.createColors(stdout.isTTY === true && env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb');
}
