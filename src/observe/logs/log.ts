/** The daemon's log: pino makes the records, and a queue of our own writes them without ever getting in the way. */
import { type Logger, pino } from 'pino';
import { printable } from '../../core/structures/safe-text.ts';
import { createLineQueue } from './line-queue.ts';
import { tameFields, tameText } from './tame.ts';
import { formatTextLine } from './text-line.ts';
import { type Writer, writerOf } from './writer.ts';

/** Named values of a record. Strings may be hostile; the names `level`, `ts` and `msg` are taken. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Each message is a sentence without a full stop. */
export interface Log {
  /** Something does not work. */
  error(message: string, fields?: LogFields): void;
  /** It works, but perhaps not as meant. */
  warn(message: string, fields?: LogFields): void;
  /** What changed: about one line a sync in which something did. */
  info(message: string, fields?: LogFields): void;
  /** From `-v 2`: also what was looked at and found unchanged. */
  debug(message: string, fields?: LogFields): void;
  /** From `-v 4`: each event and request. */
  trace(message: string, fields?: LogFields): void;
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
  /** As `-v`, from now on. */
  readonly setVerbosity: (verbosity: number) => void;
  /** How many lines could not be written: the disk was full, the reader gone or too slow. */
  readonly lostLines: () => number;
  /** Waits until all lines are written, for a second at most. */
  readonly close: () => Promise<void>;
}

export function createLog({ format, verbosity, destination, now = Date.now }: LogOptions): OwnedLog {
  const isText = format === 'text';
  const describeLoss = (count: number): string => {
    const record = { level: 'warn', ts: now(), msg: 'Lines of the log were lost', count };
    return isText ? formatTextLine(record) : JSON.stringify(record);
  };
  const queue = createLineQueue(typeof destination === 'number' ? writerOf(destination) : destination, describeLoss);
  /** What pino does with a record in place of making JSON of it. */
  function writeText(this: Logger, [fields, msg]: readonly unknown[], _: unknown, level: number): void {
    const record = { level: this.levels.labels[level], ts: now(), ...(fields as LogFields), msg };
    queue.push(printable(formatTextLine(record)));
  }
  const logger = pino(
    {
      level: levelOf(verbosity),
      base: null,
      // As in kube-proxy's JSON: `ts` in milliseconds since 1970, `msg`, and the level as a word.
      timestamp: () => `,"ts":${now()}`,
      formatters: { level: (level) => ({ level }) },
      ...(isText ? { hooks: { logMethod: writeText } } : {}),
    },
    { write: (line: string) => queue.push(printable(line.trimEnd())) },
  );
  return {
    error: method(logger, 'error'),
    warn: method(logger, 'warn'),
    info: method(logger, 'info'),
    debug: method(logger, 'debug'),
    trace: method(logger, 'trace'),
    setVerbosity: (level) => {
      logger.level = levelOf(level);
    },
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
