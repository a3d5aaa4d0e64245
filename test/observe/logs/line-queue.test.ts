import { describe, expect, it, vi } from 'vitest';
import { createLineQueue } from '../../../src/observe/logs/line-queue.ts';
import type { Writer } from '../../../src/observe/logs/writer.ts';

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

/** A writer that the test answers by hand. */
function manualWriter() {
  const written: string[] = [];
  let answer: Parameters<Writer>[1] | undefined;
  let last: Buffer = Buffer.alloc(0);
  const take = (): NonNullable<typeof answer> => {
    if (answer === undefined) throw new Error('nothing is being written');
    const taken = answer;
    answer = undefined;
    return taken;
  };
  const writer: Writer = (bytes, done) => {
    expect(answer, 'one write at a time').toBeUndefined();
    answer = done;
    last = bytes;
  };
  return {
    writer,
    written,
    isWriting: () => answer !== undefined,
    accept: (count = last.length) => {
      written.push(last.subarray(0, count).toString());
      take()(null, count);
    },
    fail: (code: string) => take()(failure(code), 0),
  };
}

const describeLoss = (count: number): string => `lost ${count}`;

describe('the queue of lines', () => {
  it('writes lines in order, those that came meanwhile together', () => {
    const { writer, written, accept } = manualWriter();
    const queue = createLineQueue(writer, describeLoss);
    for (const line of ['a', 'b', 'c']) queue.push(line);
    accept();
    accept();
    expect(written).toEqual(['a\n', 'b\nc\n']);
    expect(queue.lost()).toBe(0);
  });

  it('goes on where a write stopped half-way', () => {
    const { writer, written, accept } = manualWriter();
    createLineQueue(writer, describeLoss).push('abcdef');
    accept(2);
    accept(3);
    accept();
    expect(written.join('')).toBe('abcdef\n');
  });

  it('tries again where there was no room, and loses nothing', async () => {
    const { writer, written, accept, fail, isWriting } = manualWriter();
    const queue = createLineQueue(writer, describeLoss);
    queue.push('a');
    fail('EAGAIN');
    await vi.waitFor(() => expect(isWriting()).toBe(true));
    accept();
    expect([written, queue.lost()]).toEqual([['a\n'], 0]);
  });

  it.each(['ENOSPC', 'EPIPE', 'EBADF', 'EIO'])('counts what %s costs and says so once writing works again', (code) => {
    const { writer, written, accept, fail } = manualWriter();
    const queue = createLineQueue(writer, describeLoss);
    queue.push('a');
    fail(code);
    queue.push('b');
    queue.push('c');
    fail(code);
    // Now `c` is being written, and with it the news.
    fail(code);
    queue.push('d');
    accept();
    queue.push('e');
    accept();
    expect(written).toEqual(['lost 3\nd\n', 'e\n']);
    expect(queue.lost()).toBe(3);
  });

  it('keeps about a million characters, and drops what comes after', () => {
    const { writer, written, accept, isWriting } = manualWriter();
    const queue = createLineQueue(writer, describeLoss);
    const line = 'x'.repeat(1023);
    for (let count = 0; count < 5000; count += 1) queue.push(line);
    while (isWriting()) accept();
    const lines = written.join('').trimEnd().split('\n');
    const kept = lines.filter((text) => text === line).length;
    // One that was being written, and 1 MiB that waited.
    expect(kept).toBe(1 + Math.floor(2 ** 20 / line.length));
    expect(queue.lost()).toBe(5000 - kept);
    expect(lines).toContain(`lost ${5000 - kept}`);
  });

  it('drains until the time is up', async () => {
    const { writer, accept } = manualWriter();
    const queue = createLineQueue(writer, describeLoss);
    await queue.drain(60_000);
    queue.push('a');
    await queue.drain(20);
    const drained = queue.drain(60_000);
    accept();
    await drained;
  });
});
