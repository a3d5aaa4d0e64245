import { createLog, type LogOptions, type OwnedLog } from '../../../src/observe/logs/log.ts';

const loggedAtMs = Date.UTC(2026, 10, 26, 11, 2, 19, 123);

/** A log whose lines end up in a list. */
export function memoryLog(options: Partial<LogOptions> = {}): { readonly log: OwnedLog; readonly lines: string[] } {
  const lines: string[] = [];
  const log = createLog({
    format: 'text',
    verbosity: 0,
    now: () => loggedAtMs,
    destination: (bytes, done) => {
      lines.push(...bytes.toString().replace(/\n$/, '').split('\n'));
      done(null, bytes.length);
    },
    ...options,
  });
  return { log, lines };
}
