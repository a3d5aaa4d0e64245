/** The daemon's log: pino makes the records, and a queue of our own writes them without ever getting in the way. */
import { type Logger, pino } from 'pino';
import { printable } from '../../core/structures/safe-text.ts';
import { createLineQueue } from './line-queue.ts';
import { tameFields, tameText } from './tame.ts';
import { formatTextLine } from './text-line.ts';
import { type Writer, writerOf } from './writer.ts';

/** Named values of a record. Strings may be hostile; the names `level`, `ts` and `msg` are taken. */
export type Fields = Readonly<Record<string, unknown>>;

/** Each message is a sentence without a full stop. */
export interface Log {
  /** Something does not work. */
  error(message: string, fields?: Fields): void;
  /** It works, but perhaps not as meant. */
  warn(message: string, fields?: Fields): void;
  /** What changed: about one line a sync in which something did. */
  info(message: string, fields?: Fields): void;
  /** From `-v 2`: also what was looked at and found unchanged. */
  debug(message: string, fields?: Fields): void;
  /** From `-v 4`: each event and request. */
  trace(message: string, fields?: Fields): void;
}

export interface LogOptions {
  readonly format: 'text' | 'json';
  /** kube-proxy's `-v`. */
  readonly verbosity: number;
  /** An open file descriptor: 2 is standard error, where kube-proxy logs. */
  readonly destination: number | Writer;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface OwnedLog extends Log {
  /** How many lines could not be written: the disk was full, the reader gone or too slow. */
  readonly lostLines: () => number;
  /** Waits until all lines are written, for a second at most. */
  readonly close: () => Promise<void>;
}

export function createLog({ format, verbosity, destination, now = Date.now }: LogOptions): OwnedLog {
  const render = (record: string): string =>
    printable(format === 'json' ? record : formatTextLine(JSON.parse(record) as Fields));
  const describeLoss = (count: number): string =>
    render(JSON.stringify({ level: 'warn', ts: now(), msg: 'Lines of the log were lost', count }));
  const queue = createLineQueue(typeof destination === 'number' ? writerOf(destination) : destination, describeLoss);
  const logger = pino(
    {
      level: levelOf(verbosity),
      base: null,
      // As in kube-proxy's JSON: `ts` in milliseconds since 1970, `msg`, and the level as a word.
      timestamp: () => `,"ts":${now()}`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => queue.push(render(line.trimEnd())) },
  );
  return {
    error: method(logger, 'error'),
    warn: method(logger, 'warn'),
    info: method(logger, 'info'),
    debug: method(logger, 'debug'),
    trace: method(logger, 'trace'),
    lostLines: queue.lost,
    close: () => queue.drain(1000),
  };
}

function levelOf(verbosity: number): keyof Log {
  if (verbosity >= 4) return 'trace';
  return verbosity >= 2 ? 'debug' : 'info';
}

function method(logger: Logger, level: keyof Log): Log[keyof Log] {
  return (message, fields = {}) => {
    if (logger.isLevelEnabled(level)) logger[level](tameFields(fields), tameText(message));
  };
}
