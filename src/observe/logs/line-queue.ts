/**
 * Lines on their way to a descriptor. A full disk, a closed pipe or a reader that has stalled costs lines, which are
 * counted, and never time: nothing here waits, throws, or keeps more than a bounded number of characters.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Writer } from './writer.ts';

const maxPendingCharacters = 1 << 20;
const retryMs = 50;

export interface LineQueue {
  /** Takes a line without its line end; drops it where too many are waiting. */
  push(line: string): void;
  /** How many lines were lost since the start. */
  lost(): number;
  /** Resolves when all lines are written or lost, or when the time is up. */
  drain(timeoutMs: number): Promise<void>;
}

/** `describeLoss` makes the line that tells, once writing works again, how many are missing. */
export function createLineQueue(writer: Writer, describeLoss: (count: number) => string): LineQueue {
  let pending: string[] = [];
  let pendingCharacters = 0;
  let isWriting = false;
  let lost = 0;
  let untold = 0;

  const lose = (count: number): void => {
    lost += count;
    untold += count;
  };

  const writeNext = (): void => {
    isWriting = pending.length > 0;
    if (!isWriting) return;
    const [lines, told] = [pending, untold];
    pending = [];
    pendingCharacters = 0;
    untold = 0;
    const text = told > 0 ? [describeLoss(told), ...lines] : lines;
    writeAll(Buffer.from(`${text.join('\n')}\n`), (error) => {
      if (error !== null) {
        lose(lines.length);
        untold += told;
      }
      writeNext();
    });
  };

  const writeAll = (bytes: Buffer, done: (error: Error | null) => void): void => {
    writer(bytes, (error, written) => {
      const rest = bytes.subarray(written);
      // Unreferenced: a log that cannot be written is no reason to stay alive.
      if (error?.code === 'EAGAIN') setTimeout(writeAll, retryMs, rest, done).unref();
      else if (error === null && rest.length > 0) writeAll(rest, done);
      else done(error);
    });
  };

  return {
    push: (line) => {
      if (pendingCharacters + line.length > maxPendingCharacters) return lose(1);
      pending.push(line);
      pendingCharacters += line.length;
      if (!isWriting) writeNext();
    },
    lost: () => lost,
    drain: async (timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      while (isWriting && performance.now() < deadline) await sleep(5);
    },
  };
}
